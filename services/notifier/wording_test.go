package notifier

import (
	"slices"
	"testing"

	"aisle/offers"
)

func TestWishOf(t *testing.T) {
	tests := map[wish][]string{
		wishStop: {
			"STOP", "stop", " Stop. ", "STOP!!!", "stopall", "STOP ALL", "Unsubscribe", "CANCEL", "end", "Quit", "revoke", "opt out", "OPT-OUT", "optout",
			"please stop texting me", "Please stop", "stop thanks", "ok stop", "S T O P", "Stop sending me this stuff!", "Don't text me anymore",
			"do not contact me again", "take me off your list", "remove me from this list please", "I want to opt out of these messages",
			"I revoke my consent", "leave me alone", "No more texts.", "unsubscribe me pls", "STOP\n\nSent from my phone",
			"Baja", "BAJA", "no me envíen más mensajes", "Quiero darme de baja", "alto", "para", "pare",
			"Arrêt", "ARRETEZ", "ne m'envoyez plus de messages", "désabonner", "Je veux me désabonner",
			"Stopp", "Abmelden", "keine SMS mehr bitte", "Bitte abmelden", "hör auf",
			"Please stop sending me texts", "could you stop emailing me please", "I'd like this to stop", "no more of these thanks", "I no longer wish to get offers",
			"Don't stop at texts: unsubscribe me from everything", "the bus stop is far, and please remove me from your list",
			"stuur me geen berichten meer", "Ik wil dit niet meer", "Graag afmelden", "Wilt u mij uitschrijven a.u.b.", "Stop alsjeblieft", "hou op met die sms'jes", "geen sms meer aub",
			"Bitte keine Nachrichten mehr", "Bitte melden Sie mich ab", "Ich möchte nichts mehr bekommen", "Schreiben Sie mir nicht mehr", "Stopp bitte", "Hören Sie auf!", "lasst mich in Ruhe",
			"Arrêtez s'il vous plaît", "Je ne souhaite plus recevoir vos offres", "stop svp", "plus de SMS merci", "Désinscrivez-moi", "laissez-moi tranquille",
			"Por favor, no quiero recibir más mensajes", "dejen de enviarme mensajes", "No deseo más ofertas", "Bórrenme de la lista", "Paren por favor",
			"Per favore basta", "non voglio più ricevere messaggi", "Smettetela!", "vorrei disiscrivermi", "cancellarmi per favore", "non scrivetemi più",
			"Por favor parem", "não quero receber mais mensagens", "Me descadastre, por favor", "Deixem de enviar", "remova-me da lista",
			"basta", "ANNULLA", "cancellami", "sair", "não me envie mais", "afmelden", "стоп", "退订", "停止", "수신거부",
			"No thanks, stop", "STOP. Wrong number", "stop!! I'm driving", "Would you stop?", "STOP STOP STOP", "Enough already", "no more please", "Not interested", "never text me again", "Lose my number", "delete me", "get me off this list", "I want out",
			"no quiero mensajes", "Quítame de la lista", "no me contacten", "ya basta", "no más, gracias", "Veuillez me retirer de la liste", "arrêtez ça", "Plus jamais !", "Ne me contactez plus", "cessez vos messages",
			"Schluss damit", "Nie wieder!", "Bitte nicht mehr", "nehmen Sie mich von der Liste", "Bitte aufhören", "basta così", "Non mi contattate più", "rimuovetemi dalla lista", "non voglio messaggi",
			"Verwijder mijn nummer", "Haal mij eraf", "genoeg zo", "laat maar, stop", "neem geen contact meer op", "Schrijf mij a.u.b. uit", "hou ermee op", "chega", "para por favor", "Parem com isso", "me tire da lista", "não envie mais",
		},
		wishStart:      {"START", "start", "Unstop", "yes", "alta"},
		wishForgetFace: {"FORGET MY FACE", "Please forget my face.", "delete face", "Stop recognising me at the door", "Vergeet mijn gezicht", "¡Borra mi cara!"},
		wishHelp:       {"HELP", "help", "Info", "ayuda", "hilfe?", "aide"},
		wishNothing: {"", "  ", "thanks!", "Is the offer still on?", "¿Sigue la oferta? niño & 100%+1", "don't stop, I love these", "my face when I saw this", "can I stop by at 5?", "👍", "the weekend", "para mi hijo", "where is the nearest bus stop", "yes please, what sizes?",
			"Please don't stop!", "I can't stop laughing", "is there a one stop shop", "Don't unsubscribe me!", "my last stop is Utrecht", "full stop.",
			"Can I cancel my order?", "when does the sale end", "the end of the week is fine", "quit smoking offer?",
			"¡No paren!", "no me den de baja por favor", "¿dónde está la parada de bus?", "N'arrêtez pas, j'adore", "où est l'arrêt de bus ?", "Nicht aufhören, ich liebe das", "Bitte nicht abmelden",
			"waar is de bushalte", "niet stoppen hoor", "Schrijf me niet uit", "Non fermatevi!", "não pare, adoro", "Não me remova", "dov'è la fermata dell'autobus?",
			"stop by the shop tomorrow?", "My son won't stop asking for these shoes", "do you have no more of the red ones?", "do not send the red one, send the blue one", "we stop at 5 pm for lunch", "remove the blue one from my basket please",
			"no quiero perderme la oferta", "¿está en la planta baja?", "je ne veux pas rater l'offre", "Habt ihr keine roten mehr?", "basta mostrare il codice?", "hou me op de hoogte", "ik wil geen korting mislopen", "Is dit genoeg?", "chega hoje?", "é para mim",
		},
	}
	for want, bodies := range tests {
		for _, body := range bodies {
			if got := wishOf(body); got != want {
				t.Errorf("%q is read as %d; want %d", body, got, want)
			}
		}
	}
}

func TestPurposesOf(t *testing.T) {
	sms, push, email := offers.ConsentSMS, offers.ConsentPush, offers.ConsentEmail
	for body, want := range map[string][]offers.Purpose{
		"STOP": {sms}, "please stop": {sms}, "Bitte keine SMS mehr": {sms}, "stop texting me": {sms},
		"stop emailing me": {email}, "Please no more e-mails": {email}, "geen mails meer": {email}, "no quiero más correos": {email},
		"stop the notifications": {push}, "stop texts and emails": {sms, email}, "keine SMS und keine Benachrichtigungen": {sms, push},
		"STOP ALL": {sms, push, email}, "stopall": {sms, push, email}, "unsubscribe me from everything": {sms, push, email}, "arrêtez tout": {sms, push, email},
		"leave me alone": {sms, push, email}, "stop all emails": {email},
	} {
		if got := purposesOf(body); !slices.Equal(got, want) {
			t.Errorf("%q ends %v; want %v", body, got, want)
		}
	}
}

func FuzzWishOf(f *testing.F) {
	f.Add("STOP")
	f.Add("\xff\xfe stop")
	f.Fuzz(func(_ *testing.T, body string) { wishOf(body); purposesOf(body) })
}

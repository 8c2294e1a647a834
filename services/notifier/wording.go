package notifier

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"aisle/offers"
)

// wish is what a shopper's answer asks for.
type wish int

const (
	wishNothing wish = iota
	wishStop
	wishStart
	wishHelp
	wishForgetFace
)

// Whole messages, without accents, case and punctuation. Consent may be revoked
// by any reasonable means (47 CFR 64.1200(a)(10)), so these are examples of the
// words and stopPhrases of the sentences; Twilio itself matches whole keywords
// only. Where in doubt it is a stop: a text message too few harms nobody.
//
//nolint:misspell // people write as they do
var (
	stopWords = plainAll(strings.Fields(`stop stopall stopp stops stopt unsubscribe unsub cancel cancelled end quit revoke optout remove
		baja parar pare para alto detener cancelar salir borrar
		arret arreter arretez desabonner desinscrire desabonnement stopper
		abmelden abbestellen stoppen aufhoren beenden kundigen austragen loschen
		annulla disiscrivi disiscrivimi disiscrizione ferma fermati basta cancellami
		cancela sair remover parem descadastrar
		afmelden uitschrijven stoppen ophouden afmelding
		avsluta avregistrera avmeld afmeld lopeta
		zatrzymaj rezygnuje wypisz zrusit odhlasit
		стоп отписаться отпишите отмена
		退订 退訂 取消 停止 配信停止 解除 수신거부 중지`))
	startWords = plainAll(strings.Fields(`start unstop subscribe resume yes alta iniciar empezar reprendre commencer inizia comecar anmelden aanmelden beginnen`))
	helpWords  = plainAll(strings.Fields(`help info ayuda aide hilfe aiuto ajuda hulp hjalp pomoc помощь 帮助`))

	// stopPhrases are parts of sentences, on whole words.
	stopPhrases = plainAll([]string{
		"opt out", "opt me out", "opting out", "unsubscribe", "remove me", "remove my number", "take me off", "delete my number",
		"stop texting", "stop messaging", "stop emailing", "stop mailing", "stop notifying", "stop sending", "stop messages", "stop notifications",
		"stop these", "stop this", "stop the", "stop all", "stop your", "stop texts", "stop emails", "stop sms", "stop everything",
		"stop contacting", "stop it", "stop now", "stop please", "please stop", "pls stop", "plz stop", "just stop", "make it stop",
		"want it to stop", "want this to stop", "want you to stop", "would like you to stop", "like this to stop",
		"stop bothering", "stop spamming", "stop writing", "quit texting", "quit messaging", "quit sending", "cease and desist",
		"do not text", "dont text", "do not message", "dont message", "do not contact", "dont contact", "do not send me", "dont send me", "do not send any", "dont send any", "do not send these", "dont send these", "do not send more", "dont send more",
		"do not email", "dont email", "do not mail", "dont mail", "do not write", "dont write", "do not notify", "dont notify",
		"no more texts", "no more messages", "no more offers", "no more sms", "no more emails", "no more mails", "no more notifications", "no more of these", "no more of this",
		"dont want these", "do not want these", "dont want your", "do not want your", "dont want to get", "do not want to get",
		"dont want to receive", "do not want to receive", "no longer want", "no longer wish", "not interested anymore",
		"message me again", "text me again", "contact me again", "never text", "never message", "never contact", "lose my number", "get me off", "my name off", "my number off", "off your list", "off this list",
		"done with these", "done with this", "knock it off", "do not consent", "dont consent", "withdraw consent", "revoke consent", "i want out", "wrong number",
		"dont want any more", "do not want any more", "leave me alone", "revoke my consent", "i revoke", "withdraw my consent", "end these", "cancel these", "cancel my subscription",
		"dar de baja", "darme de baja", "dame de baja", "denme de baja", "de baja", "no me envien", "no me envie", "no me envies", "no me mandes", "no me manden", "no me escriban", "no me escribas",
		"no enviar mas", "no quiero mas", "no quiero recibir", "no deseo recibir", "no deseo mas", "deja de enviar", "dejen de enviar", "dejad de", "dejen de", "deja de", "no mas mensajes", "no mas sms", "borrame", "borrenme", "quitenme", "por favor paren", "paren por favor",
		"no quiero mensajes", "no quiero sms", "no quiero ofertas", "no quiero publicidad", "no me molesten", "no me moleste", "no me molestes", "no me contacten", "no me contacte", "no me contactes", "quitame de", "quiteme de", "sacame de", "saquenme",
		"eliminen mi", "elimine mi numero", "elimina mi numero", "borren mi numero", "cancelen mi", "cancela mi suscripcion", "cancelar mi suscripcion", "ya basta", "basta ya", "revoco mi consentimiento",
		"me desabonner", "desabonnez moi", "desinscrivez moi", "me desinscrire", "ne m'envoyez plus", "n'envoyez plus", "ne plus recevoir", "ne veux plus", "ne souhaite plus", "plus de messages", "plus de message",
		"arretez de", "arrete de", "arreter de", "arretez s'il vous plait", "arretez svp", "stop svp", "stop s'il vous plait", "plus de sms", "ne m'ecrivez plus", "laissez moi tranquille", "retirez moi", "je me desabonne",
		"me retirer de", "retirez mon", "supprimez mon", "supprimez moi", "cessez", "ne me contactez", "ne me contacte", "refuse de recevoir", "moi la paix", "n'envoyez rien", "ne m'envoyez rien", "arretez ca", "arrete ca", "plus vos", "plus de vos messages", "je retire mon consentement",
		"keine sms", "keine nachrichten", "keine nachricht mehr", "keine mails", "keine emails", "keine angebote mehr", "keine weiteren", "nicht mehr schreiben", "nicht mehr anschreiben", "nichts mehr schicken", "nichts mehr senden", "nichts mehr bekommen", "nicht mehr erhalten", "nicht mehr bekommen",
		"schreiben sie mir nicht", "schreibt mir nicht", "schreib mir nicht", "schicken sie mir nicht", "schickt mir nicht", "nicht mehr kontaktieren", "nicht mehr per sms",
		"hor auf", "hort auf", "horen sie auf", "bitte abmelden", "melden sie mich ab", "melde mich ab", "meldet mich ab", "mochte mich abmelden", "will mich abmelden", "abbestellen", "keine werbung", "lasst mich in ruhe", "lassen sie mich in ruhe", "bitte stoppen", "bitte stop", "ich widerrufe", "streichen sie mich", "loschen sie meine nummer", "tragen sie mich aus",
		"schluss damit", "nehmen sie mich von", "nimm mich von", "nehmt mich von", "nimm mich raus", "nehmen sie mich raus", "nehmt mich raus", "will das nicht", "mochte das nicht", "kontaktieren sie mich nicht", "kontaktiert mich nicht", "loscht meine nummer", "losch meine nummer",
		"non inviatemi", "non mi inviate", "non mandatemi", "non mi mandate", "non scrivetemi", "non mi scrivete", "non voglio piu", "non desidero piu", "basta messaggi", "basta sms", "basta mail", "smettete di", "smettetela", "smettila", "smetti di", "cancellatemi", "cancellami", "cancellarmi", "disiscrivermi", "disiscrivetemi", "niente piu", "per favore basta", "basta per favore", "lasciatemi in pace", "togliermi dalla lista", "toglietemi", "revoco il consenso",
		"non contattatemi", "non mi contattate", "non contattarmi", "rimuovetemi", "rimuovimi", "toglimi da", "non voglio messaggi", "non voglio sms", "non voglio ricevere", "non voglio offerte", "eliminate il mio", "cancellate il mio", "lasciami in pace",
		"nao me envie", "nao me enviem", "nao me mande", "nao me mandem", "nao quero mais", "nao quero receber", "nao desejo mais", "nao desejo receber", "pare de", "parem de", "pare por favor", "por favor pare", "por favor parem", "me remova", "remova me", "me descadastre", "descadastre me", "cancelar a subscricao", "cancelar inscricao", "chega de mensagens", "deixe de enviar", "deixem de enviar", "me tirem da lista", "deixem me em paz",
		"nao quero mensagens", "nao quero sms", "nao quero ofertas", "parem com", "pare com", "para com isso", "nao me contactem", "nao me contacte", "nao me contatem", "nao me contate", "retirem meu", "retirem o meu", "retire o meu", "nao envie mais", "nao enviem mais",
		"me tire da", "tira me da", "tire me da", "tirem me da", "apaguem o meu", "apaguem meu", "apague meu numero", "apague o meu numero",
		"geen berichten", "geen bericht meer", "geen sms", "geen smsjes", "geen mail", "geen mails", "geen e mails", "geen aanbiedingen meer", "geen reclame", "niet meer sturen", "niets meer sturen", "niet meer ontvangen", "niets meer ontvangen", "niet meer mailen", "niet meer sms'en", "niet meer smsen", "niet meer appen", "wil dit niet meer", "wil geen berichten", "wil geen sms", "wil geen smsjes", "wil geen mail", "wil geen mails", "wil geen aanbiedingen", "wil geen reclame", "wil geen meldingen",
		"verwijder mijn nummer", "verwijder mij", "verwijder me", "haal mij eraf", "haal me eraf", "haal mij van", "niet meer berichten", "contact meer op", "geen contact meer", "me niet lastig", "mij niet lastig", "me niet meer lastig", "mij niet meer lastig",
		"schrijf mij a u b uit", "schrijf me a u b uit", "schrijf mij aub uit", "schrijf me aub uit", "ermee op", "stuur me niets meer", "stuur mij niets meer", "stuur me geen", "stuur mij geen",
		"schrijf me uit", "schrijf mij uit", "meld me af", "meld mij af", "me uitschrijven", "mij uitschrijven", "me afmelden", "mij afmelden", "graag afmelden", "graag uitschrijven", "stop met", "stop ermee", "graag stoppen", "stop aub", "stop alsjeblieft", "stop alstublieft", "aub stoppen", "hou op", "houd op", "laat me met rust", "haal me van de lijst", "trek mijn toestemming in",
		"не присылайте", "не пишите", "хватит",
	})
	// facePhrases withdraw the consent to be recognised by camera, and no other.
	facePhrases = plainAll([]string{
		"forget my face", "forget face", "delete my face", "delete face", "remove my face", "erase my face",
		"stop recognising me", "stop recognizing me", "do not recognise me", "do not recognize me", "dont recognise me", "dont recognize me",
		"vergeet mijn gezicht", "verwijder mijn gezicht", "olvida mi cara", "olvide mi cara", "borra mi cara", "borre mi cara",
		"oubliez mon visage", "oublie mon visage", "effacez mon visage", "vergiss mein gesicht", "vergessen sie mein gesicht", "losche mein gesicht", "loschen sie mein gesicht",
		"dimentica il mio volto", "dimenticate il mio volto", "cancella il mio volto", "esqueca o meu rosto", "esqueca meu rosto", "apague o meu rosto",
	})
	// notStop are parts of sentences with such a word that mean something else. What
	// they cover says nothing; the rest of the message still may.
	notStop = plainAll([]string{
		"dont stop", "do not stop", "never stop", "cant stop", "cannot stop", "wont stop", "didnt stop", "non stop", "nonstop", "without stopping",
		"stop by", "stop in at", "stop over", "bus stop", "tram stop", "train stop", "metro stop", "next stop", "last stop", "first stop", "one stop", "pit stop", "stop sign", "full stop", "door stop", "stop watch",
		"dont unsubscribe", "do not unsubscribe", "dont remove me", "do not remove me", "dont cancel", "do not cancel", "dont take me off", "do not take me off",
		"no pares", "no paren", "no dejes de", "no dejen de", "sin parar", "parada de", "no me des de baja", "no me den de baja",
		"n'arretez pas", "n'arrete pas", "ne vous arretez pas", "arret de bus", "arret du bus", "arret de tram", "sans arret", "ne me desabonnez pas",
		"nicht aufhoren", "hort nicht auf", "hor nicht auf", "nicht stoppen", "nicht abmelden", "bushaltestelle", "nicht abbestellen",
		"non fermatevi", "non fermarti", "non smettete", "non smettere", "fermata dell'autobus", "fermata del bus", "senza sosta", "non cancellatemi",
		"nao pare", "nao parem", "nao para", "parada de onibus", "sem parar", "nao me remova",
		"niet stoppen", "stop niet", "niet ophouden", "hou niet op", "bushalte", "schrijf me niet uit", "niet uitschrijven", "niet afmelden", "geen stop", "op de hoogte",
	})

	// curt are sentences, or parts of one, that are a stop once courtesies are taken
	// away: "No thanks, stop". Longer ones may say anything with the same words.
	curt = plainAll(append(strings.Fields(`stop stopall stopp stahp unsubscribe quit cancel optout remove delete enough
		baja basta paren pare para cancelen arret arretez abmelden aufhoren stoppen genug schluss afmelden uitschrijven ophouden genoeg
		annulla fermatevi toglimi sair parem chega cancelem`),
		"no more", "not interested", "no mas", "no me interesa", "plus jamais", "ca suffit", "pas interesse", "pas interessee", "nie wieder", "nicht mehr", "kein interesse",
		"non mi interessa", "niet meer", "niet meer doen", "geen interesse", "nao mais", "nao tenho interesse"))
	// courtesy is what is said beside them and changes nothing.
	courtesy = plainAll(strings.Fields(`please pls plz thanks thank you u thx ok okay now already just hi hello hey sorry it me all sms texts messages kindly would could can will
		por favor gracias ya hola bitte danke jetzt hallo merci svp stp maintenant bonjour grazie prego ora ciao cosi obrigado obrigada agora ola isso
		aub alsjeblieft alstublieft dank bedankt nu graag hoi zo maar hiermee a b s v p s'il vous te plait`))
)

// channelWords name channels, in whichever language.
//
//nolint:misspell // people write as they do
var channelWords = map[offers.Purpose][]string{
	offers.ConsentSMS:   plainAll(strings.Fields(`sms smses smsjes text texts texting textmessages textos texto tekst`)),
	offers.ConsentEmail: plainAll([]string{"email", "emails", "e mail", "e mails", "mail", "mails", "mailing", "emailing", "mailen", "correo", "correos", "courriel", "courriels", "newsletter", "nieuwsbrief"}),
	offers.ConsentPush: plainAll([]string{
		"push", "notification", "notifications", "notifying", "notify", "app", "notificacion", "notificaciones", "benachrichtigung", "benachrichtigungen", "notifica", "notifiche",
		"notificacao", "notificacoes", "melding", "meldingen", "pushberichten", "pushmeldungen",
	}),
}

// everywhere are words that name all channels.
var everywhere = plainAll([]string{
	"all", "stopall", "everything", "everywhere", "anything", "any way", "todo", "todos", "todas", "tout", "tous", "toutes", "alles", "alle", "uberall", "tutto", "tutti", "tutte", "tudo", "overal", "leave me alone",
})

// purposesOf are what a stop ends: the channels that it names, or all of them, or
// text messages where it names none, since it is the answer to one.
func purposesOf(body string) []offers.Purpose {
	text := plain(body)
	has := func(phrase string) bool { return holds(text, phrase) }
	named := []offers.Purpose{}
	for _, purpose := range messagePurposes {
		if slices.ContainsFunc(channelWords[purpose], has) {
			named = append(named, purpose)
		}
	}
	switch {
	case len(named) > 0:
		return named
	case slices.ContainsFunc(everywhere, has):
		return messagePurposes
	}
	return []offers.Purpose{offers.ConsentSMS}
}

// messagePurposes are the consents to be sent something.
var messagePurposes = []offers.Purpose{offers.ConsentSMS, offers.ConsentPush, offers.ConsentEmail}

func plainAll(list []string) []string {
	all := make([]string, len(list))
	for i, s := range list {
		all[i] = plain(s)
	}
	return all
}

// holds tells whether a plain text has a phrase, on whole words.
func holds(text, phrase string) bool { return strings.Contains(" "+text+" ", " "+phrase+" ") }

// wishOf reads what a shopper answered.
func wishOf(body string) wish {
	text := plain(body)
	if text == "" {
		return wishNothing
	}
	for line := range strings.Lines(body) { // above a signature
		if slices.Contains(stopWords, plain(line)) {
			return wishStop
		}
	}
	has := func(phrase string) bool { return holds(text, phrase) }
	switch {
	case slices.Contains(stopWords, strings.ReplaceAll(text, " ", "")):
		return wishStop
	case slices.Contains(startWords, text):
		return wishStart
	case slices.Contains(helpWords, text):
		return wishHelp
	case slices.ContainsFunc(facePhrases, has):
		return wishForgetFace
	}
	for _, phrase := range notStop {
		for holds(text, phrase) {
			text = strings.TrimSpace(strings.Replace(" "+text+" ", " "+phrase+" ", " - ", 1))
		}
	}
	if slices.ContainsFunc(stopPhrases, has) {
		return wishStop
	}
	for _, part := range strings.FieldsFunc(body, endsPart) {
		if isCurt(plain(part)) {
			return wishStop
		}
	}
	return wishNothing
}

// endsPart tells whether a character ends a part of a message that may be read by
// itself.
func endsPart(r rune) bool { return strings.ContainsRune(".,;:!?\n\r()–—", r) }

// isCurt tells whether a part of a message is a stop, and courtesies.
func isCurt(part string) bool {
	if slices.Contains(curt, part) {
		return true
	}
	words := slices.DeleteFunc(strings.Fields(part), func(word string) bool { return slices.Contains(courtesy, word) })
	return len(words) > 0 && (slices.Contains(curt, strings.Join(words, " ")) || slices.Contains(curt, words[0]) && len(slices.Compact(words)) == 1)
}

// plain is a text without case, accents and punctuation, words apart by one
// space.
func plain(s string) string {
	// A chain keeps state, so each call has its own.
	s, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), strings.ToLower(s))
	if err != nil {
		return ""
	}
	s = strings.NewReplacer("'", "", "’", "").Replace(s)
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

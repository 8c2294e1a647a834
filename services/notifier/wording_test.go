package notifier

import "testing"

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
			"basta", "ANNULLA", "cancellami", "sair", "não me envie mais", "afmelden", "стоп", "退订", "停止", "수신거부",
		},
		wishStart:      {"START", "start", "Unstop", "yes", "alta"},
		wishForgetFace: {"FORGET MY FACE", "Please forget my face.", "delete face", "Stop recognising me at the door", "Vergeet mijn gezicht", "¡Borra mi cara!"},
		wishHelp:       {"HELP", "help", "Info", "ayuda", "hilfe?", "aide"},
		wishNothing:    {"", "  ", "thanks!", "Is the offer still on?", "¿Sigue la oferta? niño & 100%+1", "don't stop, I love these", "my face when I saw this", "can I stop by at 5?", "👍", "the weekend", "para mi hijo", "where is the nearest bus stop", "yes please, what sizes?"},
	}
	for want, bodies := range tests {
		for _, body := range bodies {
			if got := wishOf(body); got != want {
				t.Errorf("%q is read as %d; want %d", body, got, want)
			}
		}
	}
}

func FuzzWishOf(f *testing.F) {
	f.Add("STOP")
	f.Add("\xff\xfe stop")
	f.Fuzz(func(_ *testing.T, body string) { wishOf(body) })
}

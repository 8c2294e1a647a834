package notifier

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
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
var (
	stopWords = strings.Fields(`stop stopall stopp stops unsubscribe unsub cancel cancelled end quit revoke optout remove
		baja parar pare para alto detener cancelar salir borrar
		arret arreter arretez desabonner desinscrire
		abmelden abbestellen stoppen aufhoren beenden kundigen
		annulla disiscrivi disiscrivimi ferma fermati basta
		cancela sair remover pararei
		afmelden uitschrijven stoppen
		avsluta avregistrera avmeld afmeld lopeta
		zatrzymaj rezygnuje wypisz zrusit odhlasit
		стоп отписаться отпишите отмена
		退订 退訂 取消 停止 配信停止 解除 수신거부 중지`)
	startWords = strings.Fields(`start unstop subscribe resume yes alta iniciar empezar reprendre inizia comecar anmelden`)
	helpWords  = strings.Fields(`help info ayuda aide hilfe aiuto ajuda hulp hjalp pomoc помощь 帮助`)

	// stopPhrases are parts of sentences, on whole words.
	stopPhrases = []string{
		"opt out", "opt me out", "opting out", "unsubscribe", "remove me", "remove my number", "take me off", "delete my number",
		"stop texting", "stop messaging", "stop sending", "stop messages", "stop these", "stop this", "stop the", "stop all",
		"stop contacting", "stop it", "stop now", "stop please", "please stop", "pls stop", "plz stop", "just stop", "make it stop",
		"stop bothering", "stop spamming", "quit texting", "quit messaging", "quit sending", "cease and desist",
		"do not text", "dont text", "do not message", "dont message", "do not contact", "dont contact", "do not send", "dont send",
		"no more texts", "no more messages", "no more offers", "no more sms", "dont want these", "do not want these",
		"dont want any more", "do not want any more", "leave me alone", "revoke my consent", "i revoke", "withdraw my consent", "end these", "cancel these",
		"dar de baja", "darme de baja", "dame de baja", "de baja", "no me envien", "no me envie", "no me mandes", "no me manden",
		"no enviar mas", "no quiero mas", "deja de enviar", "dejen de enviar", "no mas mensajes", "borrame", "quitenme",
		"me desabonner", "desabonnez moi", "desinscrivez moi", "ne m envoyez plus", "n envoyez plus", "plus de messages", "arretez de", "arrete de", "plus de sms",
		"keine sms", "keine nachrichten", "nicht mehr", "hor auf", "horen sie auf", "bitte abmelden", "melden sie mich ab", "keine werbung",
		"non inviatemi", "non voglio piu", "basta messaggi", "smettete di", "smettila di", "cancellami", "cancellatemi",
		"nao me envie", "nao quero mais", "pare de", "parem de", "me remova", "descadastrar", "me descadastre",
		"geen berichten", "geen sms", "schrijf me uit", "stop met",
		"не присылайте", "не пишите", "хватит",
	}
	// facePhrases withdraw the consent to be recognised by camera, and no other.
	//nolint:misspell // people write as they do
	facePhrases = []string{
		"forget my face", "forget face", "delete my face", "delete face", "remove my face", "erase my face",
		"stop recognising me", "stop recognizing me", "do not recognise me", "do not recognize me", "dont recognise me", "dont recognize me",
		"vergeet mijn gezicht", "verwijder mijn gezicht", "olvida mi cara", "olvide mi cara", "borra mi cara", "borre mi cara",
	}
	// notStop are sentences with a stop word that mean something else.
	notStop = []string{"dont stop", "do not stop", "never stop", "non stop", "stop by", "bus stop", "one stop"}

	// curt stop words also count beside a word or two: "STOP thanks", "ok stop".
	curt = strings.Fields(`stop stopall unsubscribe quit cancel optout stopp baja basta`)
)

// The lists are compared as plain text, as answers are.
var (
	plainStop    = plainAll(stopWords)
	plainStart   = plainAll(startWords)
	plainHelp    = plainAll(helpWords)
	plainPhrases = plainAll(stopPhrases)
)

func plainAll(list []string) []string {
	all := make([]string, len(list))
	for i, s := range list {
		all[i] = plain(s)
	}
	return all
}

// wishOf reads what a shopper answered.
func wishOf(body string) wish {
	text := plain(body)
	if text == "" {
		return wishNothing
	}
	words := strings.Fields(text)
	has := func(phrase string) bool { return strings.Contains(" "+text+" ", " "+phrase+" ") }
	for line := range strings.Lines(body) { // above a signature
		if slices.Contains(plainStop, plain(line)) {
			return wishStop
		}
	}
	few := len(words) <= 3
	switch {
	case slices.Contains(plainStop, text), slices.Contains(plainStop, strings.Join(words, "")):
		return wishStop
	case slices.Contains(plainStart, text):
		return wishStart
	case slices.Contains(plainHelp, text):
		return wishHelp
	case slices.ContainsFunc(facePhrases, has):
		return wishForgetFace
	case slices.ContainsFunc(notStop, has):
		return wishNothing
	case slices.ContainsFunc(plainPhrases, has):
		return wishStop
	case few && (slices.Contains(curt, words[0]) || slices.Contains(curt, words[len(words)-1])):
		return wishStop
	}
	return wishNothing
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

package console

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"aisle/offers"
)

// Recognition is how long faces are described, and who answers for it. The zero
// Recognition works.
type Recognition struct {
	KeepDays    int    `yaml:"keep_days"`    // after somebody was last recognised; default 365
	LongestDays int    `yaml:"longest_days"` // after they signed, whatever happens; default 1095, and at most that
	Controller  string `yaml:"controller"`   // who answers for it, as the notice names them; default "this shop"
	Contact     string `yaml:"contact"`      // where to write to; default: the shop's desk
}

// mostDays is the longest that a face may be kept: three years, as Illinois'
// BIPA has it (740 ILCS 14/15 (a)).
const mostDays = 1095

// Validate says what is wrong.
func (r Recognition) Validate() error {
	if r = r.filled(); r.KeepDays < 1 || r.LongestDays < r.KeepDays || r.LongestDays > mostDays {
		return fmt.Errorf("recognition: %w: keep_days %d and longest_days %d: the first from 1 to the second, and that at most %d", offers.ErrInvalid, r.KeepDays, r.LongestDays, mostDays)
	}
	return nil
}

// filled has the defaults where nothing was said.
func (r Recognition) filled() Recognition {
	if r.LongestDays == 0 {
		r.LongestDays = mostDays
	}
	if r.KeepDays == 0 {
		r.KeepDays = min(365, r.LongestDays)
	}
	return r
}

// noticeVersion changes with every change of the words below.
const noticeVersion = "2026-11-21"

// noticeWords are a notice in one language. {keep} and {longest} are numbers of
// days, {controller} and {contact} names.
type noticeWords struct {
	title, desk, shop string
	points            [][2]string
	agreement         string
}

// notices are read by who is asked to sign, before anything is taken. What they
// promise the code must do: see the tests.
//
//nolint:misspell // not all of it is English
var notices = map[string]noticeWords{
	"en": {
		title: "Being recognised at the door", shop: "this shop", desk: "the desk in the shop",
		points: [][2]string{
			{"What for", "So that the shop knows that you came in, and an offer finds you in time. For nothing else. Nothing is ever paid or redeemed by your face alone."},
			{"What is taken", "Your phone takes three pictures here. They are turned into numbers that describe your face, and are gone. No picture is ever kept."},
			{"What is kept", "Those numbers, encrypted, and when you were last recognised. For 24 hours after the camera named you, also the numbers by which it did, so that you can say that it was not you. If you do, the numbers of that other face are kept with yours for 90 days, without a name, so that the mistake is not made again."},
			{"How long", "Until {keep} days after you were last recognised, and never longer than {longest} days from today. Then all of it is deleted, and you are asked anew if you want to go on."},
			{"Who has it", "{controller}. It is not sold, not shared and not used to learn from. Questions: {contact}."},
			{"How good it is", "Not perfect. Cameras mistake people, and some people more often than others. There is no check that a living person stands there: a photo of you may count as you."},
			{"If you do not want it", "Everything works without it: the same offers come by the app, your tag or your code."},
			{"Changing your mind", "Delete it here, by answering FORGET MY FACE to a text message, or at the desk. It is gone within a minute, and you get a signed receipt."},
		},
		agreement: "I have read this. I agree that {controller} takes, keeps and uses a description of my face as it says here.",
	},
	"nl": {
		title: "Herkend worden bij de deur", shop: "deze winkel", desk: "de balie in de winkel",
		points: [][2]string{
			{"Waarvoor", "Zodat de winkel weet dat u binnen bent en een aanbieding u op tijd bereikt. Nergens anders voor. Er wordt nooit iets betaald of ingewisseld met alleen uw gezicht."},
			{"Wat er gemaakt wordt", "Uw telefoon maakt hier drie foto’s. Die worden omgezet in getallen die uw gezicht beschrijven, en zijn dan weg. Er wordt nooit een foto bewaard."},
			{"Wat er bewaard wordt", "Die getallen, versleuteld, en wanneer u voor het laatst bent herkend. Nadat de camera u heeft genoemd ook 24 uur lang de getallen waaraan dat gebeurde, zodat u kunt zeggen dat u het niet was. Doet u dat, dan worden de getallen van dat andere gezicht 90 dagen bij de uwe bewaard, zonder naam, zodat de fout niet nog eens gebeurt."},
			{"Hoe lang", "Tot {keep} dagen nadat u voor het laatst bent herkend, en nooit langer dan {longest} dagen vanaf vandaag. Daarna wordt alles verwijderd, en vragen wij u opnieuw of u verder wilt."},
			{"Wie het heeft", "{controller}. Het wordt niet verkocht, niet gedeeld en er wordt niet van geleerd. Vragen: {contact}."},
			{"Hoe goed het is", "Niet volmaakt. Camera’s vergissen zich in mensen, en in sommigen vaker dan in anderen. Er wordt niet gecontroleerd of er een levend mens staat: een foto van u kan voor u doorgaan."},
			{"Als u het niet wilt", "Alles werkt ook zonder: dezelfde aanbiedingen komen via de app, uw tag of uw code."},
			{"Als u zich bedenkt", "Verwijder het hier, door FORGET MY FACE te antwoorden op een sms, of aan de balie. Het is binnen een minuut weg, en u krijgt een ondertekend bewijs."},
		},
		agreement: "Ik heb dit gelezen. Ik ga ermee akkoord dat {controller} een beschrijving van mijn gezicht maakt, bewaart en gebruikt zoals hier staat.",
	},
	"es": {
		title: "Ser reconocido en la entrada", shop: "esta tienda", desk: "el mostrador de la tienda",
		points: [][2]string{
			{"Para qué", "Para que la tienda sepa que ha entrado y una oferta le llegue a tiempo. Para nada más. Nunca se paga ni se canjea nada solo con su cara."},
			{"Qué se toma", "Su teléfono hace aquí tres fotos. Se convierten en números que describen su cara y desaparecen. Nunca se guarda una foto."},
			{"Qué se guarda", "Esos números, cifrados, y cuándo se le reconoció por última vez. Durante las 24 horas después de que la cámara le nombre, también los números por los que lo hizo, para que pueda decir que no era usted. Si lo dice, los números de esa otra cara se guardan junto a los suyos 90 días, sin nombre, para no repetir el error."},
			{"Cuánto tiempo", "Hasta {keep} días después de reconocerle por última vez, y nunca más de {longest} días desde hoy. Después se borra todo y le preguntamos de nuevo si quiere seguir."},
			{"Quién lo tiene", "{controller}. No se vende, no se comparte y no se usa para aprender. Preguntas: {contact}."},
			{"Qué tan bueno es", "No es perfecto. Las cámaras confunden a las personas, a unas más que a otras. No se comprueba que haya una persona viva: una foto suya puede pasar por usted."},
			{"Si no lo quiere", "Todo funciona sin ello: las mismas ofertas le llegan por la aplicación, su etiqueta o su código."},
			{"Si cambia de idea", "Bórrelo aquí, respondiendo FORGET MY FACE a un mensaje de texto, o en el mostrador. Desaparece en un minuto y recibe un comprobante firmado."},
		},
		agreement: "He leído esto. Acepto que {controller} tome, guarde y use una descripción de mi cara como dice aquí.",
	},
}

// noticeLanguages are those that there is a notice in, English first.
var noticeLanguages = []string{"en", "es", "nl"}

var noticeMatcher = language.NewMatcher([]language.Tag{language.English, language.Spanish, language.Dutch})

type noticePoint struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// notice is what a shopper reads before they sign.
type notice struct {
	Version     string        `json:"version"`
	Language    string        `json:"language"`
	Languages   []string      `json:"languages"`
	Title       string        `json:"title"`
	Points      []noticePoint `json:"points"`
	Agreement   string        `json:"agreement"`
	KeepDays    int           `json:"keep_days"`
	LongestDays int           `json:"longest_days"`
	SHA256      string        `json:"sha256"` // of the whole text, which is what is signed
	text        string
}

// notice is the one in a language, or in the nearest that there is.
func (r Recognition) notice(wanted string) notice {
	_, at := language.MatchStrings(noticeMatcher, wanted)
	n := notice{Version: noticeVersion, Language: noticeLanguages[at], Languages: slices.Clone(noticeLanguages), KeepDays: r.KeepDays, LongestDays: r.LongestDays}
	words := notices[n.Language]
	controller, contact := r.Controller, r.Contact
	if controller == "" {
		controller = words.shop
	}
	if contact == "" {
		contact = words.desk
	}
	fill := strings.NewReplacer("{keep}", strconv.Itoa(r.KeepDays), "{longest}", strconv.Itoa(r.LongestDays), "{controller}", controller, "{contact}", contact).Replace
	n.Title, n.Agreement = words.title, fill(words.agreement)
	lines := []string{n.Title, "(" + n.Version + ", " + n.Language + ")"}
	for _, p := range words.points {
		point := noticePoint{p[0], upperFirst(fill(p[1]))}
		n.Points = append(n.Points, point)
		lines = append(lines, "", point.Title, point.Text)
	}
	n.text = strings.Join(append(lines, "", n.Agreement), "\n")
	sum := sha256.Sum256([]byte(n.text))
	n.SHA256 = hex.EncodeToString(sum[:])
	return n
}

// upperFirst begins a sentence, should a name stand there.
func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"aisle/services/catalog"
)

// Who may use which door: the least role, or
const (
	everyone catalog.Role = "everyone"
	shopper  catalog.Role = "a shopper"
)

// least is the least role of each door of openapi.yaml. A door that is not
// here fails the test: who adds one has to say who may use it.
var least = map[string]catalog.Role{
	"session": everyone, "signIn": everyone, "signOut": everyone, "setup": everyone,
	"toProvider": everyone, "fromProvider": everyone, "redeemTicket": everyone,
	"putPassword": catalog.RoleViewer, "sessions": catalog.RoleViewer, "endOtherSessions": catalog.RoleViewer, "endSession": catalog.RoleViewer,
	"team": catalog.RoleAdmin, "addPerson": catalog.RoleAdmin, "removePerson": catalog.RoleAdmin, "putPerson": catalog.RoleAdmin, "personPasswordLink": catalog.RoleAdmin,
	"audit": catalog.RoleAdmin, "privacyRequests": catalog.RoleApprover, "openPrivacyRequest": catalog.RoleStaff, "answerPrivacyRequest": catalog.RoleApprover,
	"refusePrivacyRequest": catalog.RoleApprover, "erasureReceipt": catalog.RoleApprover, "exportPerson": catalog.RoleApprover,
	"sendSignInCode": everyone, "useSignInCode": everyone, "eraseMe": shopper,
	"apiKeys": catalog.RoleAdmin, "addAPIKey": catalog.RoleAdmin, "revokeAPIKey": catalog.RoleAdmin,
	"shops": catalog.RoleViewer, "shop": catalog.RoleViewer, "putShop": catalog.RoleMarketer, "deleteShop": catalog.RoleAdmin,
	"exportPlan": catalog.RoleViewer, "previewPlan": catalog.RoleMarketer, "addPicture": catalog.RoleMarketer, "picture": catalog.RoleViewer,
	"survey": catalog.RoleViewer, "forgetSurvey": catalog.RoleMarketer, "surveyTags": catalog.RoleMarketer, "surveyReadings": catalog.RoleMarketer,
	"addSurveyPoint": catalog.RoleMarketer, "shopHealth": catalog.RoleViewer,
	"cameras": catalog.RoleViewer, "putGround": catalog.RoleMarketer, "addCameraPass": catalog.RoleMarketer,
	"campaigns": catalog.RoleViewer, "createCampaign": catalog.RoleMarketer, "campaign": catalog.RoleViewer, "putCampaign": catalog.RoleMarketer,
	"deleteCampaign": catalog.RoleMarketer, "campaignHistory": catalog.RoleViewer, "setCampaignStatus": catalog.RoleMarketer,
	"askApproval": catalog.RoleMarketer, "approveCampaign": catalog.RoleApprover, "declineCampaign": catalog.RoleApprover,
	"scenarios": catalog.RoleViewer, "createScenario": catalog.RoleMarketer, "scenario": catalog.RoleViewer, "putScenario": catalog.RoleMarketer,
	"deleteScenario": catalog.RoleMarketer, "scenarioHistory": catalog.RoleViewer, "setScenarioStatus": catalog.RoleMarketer,
	"scenarioTemplates": catalog.RoleViewer, "makeScenario": catalog.RoleViewer, "tryScenario": catalog.RoleViewer,
	"features": catalog.RoleViewer, "personFeatures": catalog.RoleViewer, "personTimeline": catalog.RoleViewer, "checkInCode": catalog.RoleStaff,
	"preflight": catalog.RoleMarketer, "getHouse": catalog.RoleViewer, "getConfigured": catalog.RoleViewer, "putHouse": catalog.RoleAdmin, "getExperiments": catalog.RoleViewer,
	"getModel": catalog.RoleViewer, "turnModel": catalog.RoleAdmin,
	"previewMessage": catalog.RoleMarketer,
	"checkRule":      catalog.RoleViewer, "ruleFields": catalog.RoleViewer, "countAudience": catalog.RoleViewer,
	"segments": catalog.RoleViewer, "createSegment": catalog.RoleMarketer, "segment": catalog.RoleViewer, "putSegment": catalog.RoleMarketer,
	"deleteSegment": catalog.RoleMarketer, "segmentHistory": catalog.RoleViewer,
	"decisions": catalog.RoleViewer, "decision": catalog.RoleViewer,
	"people": catalog.RoleViewer, "person": catalog.RoleViewer, "personLink": catalog.RoleMarketer, "forgetFace": catalog.RoleStaff,
	"personIdentity": catalog.RoleViewer, "alike": catalog.RoleViewer, "separatePerson": catalog.RoleMarketer, "detachIdentifier": catalog.RoleMarketer,
	"joinPeople": catalog.RoleMarketer, "keepApart": catalog.RoleMarketer,
	"live": catalog.RoleViewer, "liveSnapshot": catalog.RoleViewer, "replay": catalog.RoleStaff, "personCard": catalog.RoleStaff, "liveShops": catalog.RoleViewer, "acknowledgeAlert": catalog.RoleStaff, "sandboxMessages": catalog.RoleStaff,
	"quarantine": catalog.RoleStaff, "quarantineCounts": catalog.RoleViewer, "quarantineSamples": catalog.RoleStaff, "replayQuarantine": catalog.RoleMarketer,
	"quarantinedRecord": catalog.RoleStaff, "downloadQuarantined": catalog.RoleMarketer, "tryQuarantined": catalog.RoleMarketer,
	"contracts": catalog.RoleViewer, "contract": catalog.RoleViewer, "putContract": catalog.RoleMarketer, "checkContract": catalog.RoleMarketer,
	"proposeContract": catalog.RoleMarketer, "publishContract": catalog.RoleMarketer, "retireContract": catalog.RoleMarketer,
	"mappings": catalog.RoleViewer, "mapping": catalog.RoleViewer, "putMapping": catalog.RoleMarketer, "tryMapping": catalog.RoleMarketer,
	"driftNotices": catalog.RoleViewer, "acceptDrift": catalog.RoleMarketer, "rejectDrift": catalog.RoleMarketer,
	"shapes": catalog.RoleViewer, "shape": catalog.RoleViewer,
	"feeds": catalog.RoleViewer, "proposeFeed": catalog.RoleMarketer, "previewFeed": catalog.RoleMarketer,
	"feed": catalog.RoleViewer, "putFeed": catalog.RoleMarketer, "deleteFeed": catalog.RoleMarketer,
	"system":  catalog.RoleViewer,
	"sources": catalog.RoleMarketer, "addSource": catalog.RoleMarketer, "removeSource": catalog.RoleAdmin,
	"demoShoppers": everyone, "mySession": everyone, "openMySession": everyone, "closeMySession": everyone, "join": everyone,
	"me": shopper, "myOffers": shopper, "myLive": shopper, "putConsent": shopper, "whyMyOffer": shopper, "viewedMyOffer": shopper,
	"code": catalog.RoleStaff, "redeemCode": catalog.RoleStaff, "takeCodeBack": catalog.RoleStaff,
	"myPush": shopper, "subscribeMe": shopper, "unsubscribeMe": shopper,
	"putWishes": shopper, "myMessages": shopper, "myRanking": shopper, "checkIn": shopper, "demoCheckIn": everyone,
	"enrolmentToken": shopper, "forgetMyFace": shopper, "exportMe": shopper,
	"houseKey": everyone, "myRecognition": shopper, "recognitionNotice": shopper, "signNotice": shopper, "myFaceConsent": shopper, "notMe": shopper,
	"myReceipt": shopper, "myCameras": shopper,
	"recognition": catalog.RoleViewer, "notThisPerson": catalog.RoleStaff, "faceConsents": catalog.RoleMarketer,
}

// TestWhoMayNot tries every door of openapi.yaml as everybody who may come: those
// who are nobody, each role, programs with each scope, and shoppers.
func TestWhoMayNot(t *testing.T) {
	h := open(t)
	visitors := map[catalog.Role]*visitor{everyone: h.visitor()}
	for _, role := range catalog.Roles {
		visitors[role] = h.as(role)
	}
	admin := visitors[catalog.RoleAdmin]
	programs := map[catalog.Scope]*visitor{}
	for _, scope := range catalog.Scopes {
		programs[scope] = h.program(admin, scope)
	}
	other := h.visitor() // another site's page: cookies, but no header of ours
	other.client.Jar = admin.client.Jar
	other.header = http.Header{}
	framed := h.visitor() // another site's page whose browser says so, should it ever get the header through
	framed.client.Jar = admin.client.Jar
	framed.header.Set("Sec-Fetch-Site", "cross-site")
	// No harm is meant to those whose sessions are used.
	path := strings.NewReplacer("{shop}", "none", "{camera}", "none", "{picture}", "none", "{campaign}", "none", "{scenario}", "none", "{template}", "none", "{status}", "live", "{decision}", "0-0-0", "{shopper}", "none",
		"{person}", "none", "{id}", "none", "{event}", "none", "{source}", "none", "{notice}", "none", "{feed}", "none", "{key}", "none", "{purpose}", "push").Replace
	// What would end the sessions by which the test goes on, or never ends.
	spared := map[string]bool{"live": true, "endOtherSessions": true}

	doc, err := description()
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range doc.Paths.InMatchingOrder() {
		for method, operation := range doc.Paths.Value(raw).Operations() {
			role, known := least[operation.OperationID]
			if !known {
				t.Errorf("%s %s (%s): the test does not know who may use it", method, raw, operation.OperationID)
				continue
			}
			t.Run(operation.OperationID, func(t *testing.T) {
				at := path(raw)
				try := func(v *visitor) int {
					status, _ := v.try(method, at, nil)
					return status
				}
				check := func(who string, v *visitor, may bool) {
					t.Helper()
					if may && spared[operation.OperationID] {
						return
					}
					if got := try(v); may && (got == 401 || got == 403) || !may && got != 403 {
						t.Errorf("%s: %d, and may: %t", who, got, may)
					}
				}
				if method != "GET" {
					check("another site's page", other, false)
					check("another site's page with our header", framed, false)
				}
				if role == everyone {
					return
				}
				if got := try(visitors[everyone]); got != 401 {
					t.Errorf("without signing in: %d, want 401", got)
				}
				if role == shopper {
					for name, v := range map[string]*visitor{"an administrator": admin, "a program": programs[catalog.ScopeManage]} {
						if got := try(v); got != 401 {
							t.Errorf("%s who is no shopper: %d, want 401", name, got)
						}
					}
					return
				}
				for _, who := range catalog.Roles {
					check("a "+string(who), visitors[who], who.Includes(role))
				}
				for _, scope := range catalog.Scopes {
					as := catalog.APIKey{Scopes: []catalog.Scope{scope}}
					may := false
					if who, ok := as.Role(time.Now()); ok {
						may = who.Includes(role)
					}
					if operation.OperationID == "putPassword" && may {
						continue // 400 for what is not sent; a key has none
					}
					check("a program that may "+string(scope), programs[scope], may)
				}
			})
		}
	}
}

package pages

import (
	"reflect"

	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/replay"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/web"
)

// sheet is the template of a page with the type of its body: filling it with another body does not compile, and a test
// checks what the template says of it.
type sheet[B any] struct{ name string }

// laid is a page with its body, as templates see it.
type laid[B any] struct {
	*page
	Body B
}

// sheets are all templates of pages, with the type that each is filled with.
var sheets = map[string]reflect.Type{}

func newSheet[B any](name string) sheet[B] {
	sheets[name] = reflect.TypeFor[laid[B]]()
	return sheet[B]{name}
}

// fragment is a template of a part of a page, which the page's script asks for by itself, with the type that it is filled with.
type fragment[B any] struct{ name string }

// fragments are all of those, with their types.
var fragments = map[string]reflect.Type{}

func newFragment[B any](name string) fragment[B] {
	fragments[name] = reflect.TypeFor[B]()
	return fragment[B]{name}
}

var (
	roomsFragment = newFragment[*headroom]("rooms")
	picksFragment = newFragment[[]option]("picks")
)

var (
	accountSheet        = newSheet[accountBody]("account")
	applicationSheet    = newSheet[*applicationBody]("application")
	applicationsSheet   = newSheet[listBody[projections.ApplicationRow]]("applications")
	closingSheet        = newSheet[closingBody]("closing")
	closingsSheet       = newSheet[listBody[projections.ClosingRow]]("closings")
	linksSheet          = newSheet[listBody[projections.LinkRow]]("links")
	projectsSheet       = newSheet[listBody[projections.ProjectRow]]("projects")
	mergersSheet        = newSheet[listBody[projections.MergerRow]]("mergers")
	groupsSheet         = newSheet[listBody[projections.GroupRow]]("groups")
	movedSheet          = newSheet[listBody[projections.MovedRow]]("moved_since_close")
	executionSheet      = newSheet[executionBody]("execution")
	forecastSheet       = newSheet[forecastBody]("forecast")
	planSheet           = newSheet[planBody]("plan")
	appropriationsSheet = newSheet[listBody[projections.AppropriationRow]]("appropriations")
	ageingSheet         = newSheet[listBody[projections.AgeingRow]]("ageing")
	approvalSheetSheet  = newSheet[*decided]("approval-sheet")
	auditSheet          = newSheet[auditBody]("audit")
	changesSheet        = newSheet[changesBody]("account-changes")
	checkpointSheet     = newSheet[*checkpointBody]("checkpoint")
	checkpointsSheet    = newSheet[checkpointsBody]("checkpoints")
	clauseSheet         = newSheet[*onlyClause]("clause")
	clausesSheet        = newSheet[policyBody]("clauses")
	clawbackSheet       = newSheet[*clawbackBody]("clawback")
	clawbacksSheet      = newSheet[listBody[projections.ClawbackRow]]("clawbacks")
	reportSheet         = newSheet[*reportBody]("evaluation")
	dataSheet           = newSheet[dataBody]("data")
	decisionLetterSheet = newSheet[*letterBody]("decision-letter")
	deskSheet           = newSheet[*deskBody]("desk")
	dunningSheet        = newSheet[*dunningBody]("dunning-letter")
	enterpriseSheet     = newSheet[*enterpriseBody]("enterprise")
	enterprisesSheet    = newSheet[listBody[projections.EnterpriseRow]]("enterprises")
	offersSheet         = newSheet[listBody[projections.OfferRow]]("offers")
	factsSheet          = newSheet[factsBody]("facts")
	expiringSheet       = newSheet[listBody[projections.ExpiringRow]]("expiring")
	eventSheet          = newSheet[eventBody]("event")
	exceptionSheet      = newSheet[*exceptionBody]("exception")
	exceptionsSheet     = newSheet[listBody[projections.ExceptionRow]]("exceptions")
	explainSheet        = newSheet[explainBody]("explain")
	glossarySheet       = newSheet[[]tabular.Column]("glossary")
	helpSheet           = newSheet[helpBody]("help")
	importSheet         = newSheet[*importBody]("import")
	journalSheet        = newSheet[listBody[projections.JournalRow]]("journal")
	listSheet           = newSheet[anyBody]("list")
	loginSheet          = newSheet[web.LoginForm]("login")
	noticesSheet        = newSheet[listBody[projections.NoticeRow]]("notices")
	overviewSheet       = newSheet[*overviewBody]("overview")
	payoutSheet         = newSheet[*payoutBody]("payout")
	payoutsSheet        = newSheet[listBody[projections.PayoutRow]]("payouts")
	personSheet         = newSheet[personBody]("person")
	problemSheet        = newSheet[*web.Problem]("problem")
	projectSheet        = newSheet[*projectBody]("project")
	receiptSheet        = newSheet[replay.Receipt]("receipt")
	reconciliationSheet = newSheet[reconciliationBody]("reconciliation")
	recoverySheet       = newSheet[*recoveryBody]("recovery")
	recoveriesSheet     = newSheet[listBody[projections.RecoveryRow]]("recoveries")
	refusalsSheet       = newSheet[refusedBody]("refusals")
	replaySheet         = newSheet[replayBody]("replay")
	runSheet            = newSheet[*runBody]("run")
	sampleSheet         = newSheet[sampleBody]("sample")
	searchSheet         = newSheet[searchBody]("search")
	simulateSheet       = newSheet[simulateBody]("simulate")
	statementSheet      = newSheet[statementBody]("statement")
	summedSheet         = newSheet[summedBody]("summary")
	todoSheet           = newSheet[*todoBody]("todo")
	versionSheet        = newSheet[versionBody]("policy-version")
	versionsSheet       = newSheet[versionsBody]("policy")
	voucherSheet        = newSheet[*voucherBody]("voucher")
	togetherSheet       = newSheet[*togetherBody]("together")
	webhooksSheet       = newSheet[webhooksBody]("webhooks")
	whatIfSheet         = newSheet[whatIfBody]("what-if")
)

package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/outward"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/replay"
)

// Queries answers questions from the projections.
type Queries interface {
	projections.Keeper
	// Overview is the fund's figures in sum, for a first look.
	Overview(ctx context.Context, ask projections.OverviewQuery) (projections.Overview, error)
	// Sum adds up a list that lies in tables.
	Sum(ctx context.Context, l *projections.List, ask projections.Ask) (projections.Sum, error)
	// Beside are the rows before and behind one in a list that lies in tables, as it is narrowed and sorted; nil: there is none.
	Beside(ctx context.Context, l *projections.List, ask projections.Ask, row any) (before, behind any, err error)
	// Nearest are the account lines nearest to their caps.
	Nearest(ctx context.Context, ask projections.Ask) (projections.Nearest, error)
	// Views are the tables that analysts may read.
	Views(ctx context.Context) ([]projections.View, error)
	// End asks the database where the tables end, and for the leaf of the last event there: an error, where it does not answer.
	End(ctx context.Context) (seq uint64, leaf tlog.Hash, err error)
}

// Projector is what projects the log, while it does.
type Projector interface {
	// Position is the last event that was projected.
	Position() uint64
	// WaitFor waits until an event is projected, or says why it will not be.
	WaitFor(ctx context.Context, seq uint64) error
	// Err is why it has halted; nil: it runs.
	Err() error
	// Hold is given a position that was shown and the tables' own, read after it: where they hold less, what lacks is projected again.
	Hold(shown, found uint64)
}

// Pages are what people see. They are a package of their own, which imports this one; whoever wires both hands them over
// in [Config].
type Pages interface {
	// Register adds the pages to the mux. Every handler on it is reached by signed-in viewers only, but for those under
	// /static/; who is not signed in is sent to /login. Bodies are bounded, forms from other sites are refused, headers are
	// set; [Only] keeps a page to some roles.
	Register(mux *http.ServeMux, f Face)
	// Login writes the page with the form that posts name, password and next to /login.
	Login(w http.ResponseWriter, r *http.Request, f LoginForm)
	// Problem writes an error page for a browser: the status is p.Status.
	Problem(w http.ResponseWriter, r *http.Request, p *Problem)
}

// Face is what the pages see of the server: it asks, gives commands and answers in a viewer's name.
type Face interface {
	Asking
	Giving
	Answering
	Owning
	// Fund is the fund that is served.
	Fund() domain.FundID
	// Now is the service's clock.
	Now() time.Time
	// SampleClock reports whether that is a sample's, ahead of today.
	SampleClock() bool
	// ReadsAll is why who asks is not given the log as a whole; nil: they are.
	ReadsAll(ctx context.Context) error
}

// Asking is where pages have what they show.
type Asking interface {
	// Queries answers from the projections, Keeper every list in the words of a language, View from the live state, Record from the log.
	Queries() Queries
	Keeper(lang string) projections.Keeper
	// Sum adds up a list that lies in tables, in the viewer's turn as a page of it is asked for.
	Sum(ctx context.Context, l *projections.List, ask projections.Ask) (projections.Sum, error)
	// Beside are the rows before and behind one in such a list, in the viewer's turn too.
	Beside(ctx context.Context, l *projections.List, ask projections.Ask, row any) (before, behind any, err error)
	View(ctx context.Context, see func(*domain.State, uint64)) error
	Record(ctx context.Context, seq uint64) (eventstore.Record, error)
	// MayRead reports whether who asks may read what an event says.
	MayRead(ctx context.Context, e domain.Event) bool
	// Number is the number of a bank account as a viewer may read it: whole, in groups, to treasurers, auditors and admins; its end to others.
	Number(ctx context.Context, v Viewer, n domain.AccountNumber) (text string, whole bool)
	// Payer is the account that a payment of a day was made from, its number as a viewer may read it; false where none is set.
	Payer(v Viewer, paid domain.Date) (p Payer, number string, whole, set bool)
	// Called is what a person is called by now; the id where nobody of that id has a name.
	Called(id domain.PersonID) string
	// Refusals lists refused commands, the newest first; next is where the next page begins.
	Refusals(ctx context.Context, ask RefusalsAsked) (rows []projections.RefusedRow, next uint64, err error)
	// Proof is what proves the ledger; nil: nothing does.
	Proof() *Proof
	// Explain takes a total apart; one of an enterprise or a clause that the ledger does not know is a [Problem].
	Explain(ctx context.Context, t replay.Total) (replay.Explanation, error)
	// Upto is the last event of a moment.
	Upto(ctx context.Context, asOf projections.AsOf) (uint64, error)
	// Lag is how far the projections are. WaitFor waits until an event is in them, for as long as a person waits.
	Lag(ctx context.Context) (Lag, error)
	WaitFor(ctx context.Context, seq uint64) error
	// Simulate tries another policy on what was applied for, for whoever asks.
	Simulate(ctx context.Context, asked SimulationAsked) (replay.Simulation, error)
}

// Giving is how pages give commands. The actor is set from the viewer and the grant, whatever the command says.
type Giving interface {
	// Choose picks the grant in which a viewer gives a command, when they have not said.
	Choose(ctx context.Context, v Viewer, c domain.Command) (Grant, error)
	// DoIf gives one command, DoAll several in order, Import those of a file, in which each keeps the grant that it names, to the
	// ledger or to a rehearsal. holds, where it is not nil, is asked on the very state that the command is decided on, as [ledger.Order] says: where it
	// does not hold, nothing is decided, and the error is a [Problem].
	DoIf(ctx context.Context, v Viewer, g Grant, c domain.Command, holds func(*domain.State) bool) ledger.Result
	DoAll(ctx context.Context, v Viewer, g Grant, commands []domain.Command) []ledger.Result
	// GiveAll gives several, each in its grant and on its condition.
	GiveAll(ctx context.Context, v Viewer, list []Given) []ledger.Result
	Import(ctx context.Context, v Viewer, rehearsal *ledger.Ledger, orders []ledger.Order) ([]ledger.Result, error)
	// RefusedSoFar is up to where refusals are recorded: an import asks when it begins.
	RefusedSoFar(ctx context.Context) (uint64, error)
	// Rehearse is a ledger in memory that goes on from the live state and changes nothing; the func gives it up.
	Rehearse(ctx context.Context) (*ledger.Ledger, func(), error)
}

// Owning is what a viewer changes of their own account, and what is told of all accounts.
type Owning interface {
	// ChangePassword lets a viewer choose another password. It and SignOutEverywhere end all their sessions but the one that asks.
	ChangePassword(r *http.Request, v Viewer, means accounts.Means, present, next string) error
	SignOutEverywhere(r *http.Request, v Viewer, means accounts.Means) error
	// Tokens are a viewer's own; MakeToken returns one, this once.
	Tokens(v Viewer) []TokenRow
	MakeToken(v Viewer, means accounts.Means, asked TokenAsked) (string, error)
	RevokeToken(v Viewer, means accounts.Means, name string) error
	// Deputies are who acts in a viewer's place, or will.
	Deputies(v Viewer) []DeputyAsked
	Appoint(v Viewer, means accounts.Means, asked DeputyAsked) error
	Dismiss(v Viewer, means accounts.Means, person domain.PersonID, grant string) error
	// SavedViews are a viewer's own lists, SaveView keeps one, ForgetView takes one away.
	SavedViews(ctx context.Context, v Viewer) []SavedView
	SaveView(ctx context.Context, v Viewer, view SavedView) error
	ForgetView(ctx context.Context, v Viewer, view SavedView) error
	// Visit notes that a viewer sees what there is up to a position, and is up to where they had seen it before, and when that was; 0: they had not.
	Visit(ctx context.Context, v Viewer, seq uint64) (before uint64, left time.Time)
	// Drafts are the forms that a viewer half filled in, KeepDraft keeps one, ForgetDraft throws one away.
	Drafts(ctx context.Context, v Viewer) []Draft
	KeepDraft(ctx context.Context, v Viewer, d Draft) error
	ForgetDraft(ctx context.Context, v Viewer, id string) error
	// AccountTrail is who granted what to whom: the newest first, of one person where one is named; next is where the next page begins.
	AccountTrail(ctx context.Context, person domain.PersonID, before uint64, limit int) (list []accounts.Entry, next uint64, err error)
	Webhooks(ctx context.Context) ([]outward.Row, error)
	Undelivered(ctx context.Context, user domain.PersonID, name string) ([]outward.Undelivered, error)
	TellAgain(ctx context.Context, v Viewer, user domain.PersonID, name string, ids []string) (AgainOutcome, error)
}

// Answering is how pages answer what is not a page of theirs, and clients that are slow.
type Answering interface {
	// Answer answers an error: a refusal, a [Problem], what a query said, or a fault of ours.
	Answer(w http.ResponseWriter, r *http.Request, err error)
	// Patient gives a client time to send a file, and the answer time to be made of it.
	Patient(w http.ResponseWriter, r *http.Request, answer time.Duration)
	// KeepFile keeps the content of an attachment, in a viewer's name, of at most FileBytes. FileSize is how long one is that is kept.
	KeepFile(ctx context.Context, v Viewer, from io.Reader, wanted string) (FileKept, error)
	FileBytes() int64
	FileSize(ctx context.Context, hash string) (size int64, kept bool, err error)
	// At is this service's address as a request came to it, such as "https://host": what is printed leads back by it.
	At(r *http.Request) string
	// PatientWriter writes to a client for as long as it takes what is written, and is who asked.
	PatientWriter(w http.ResponseWriter, r *http.Request) io.Writer
}

var _ Face = (*Server)(nil)

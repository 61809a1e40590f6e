package web

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
)

// The bounds of batches that are answered later. What a job holds is its lines while they wait, and one answer a line.
const (
	maxJobs      = 64        // kept at once, decided or not
	maxJobsEach  = 8         // of one person
	maxJobBytes  = 32 << 20  // of one body
	maxJobsBytes = 256 << 20 // of all bodies and answers together
	jobsAtOnce   = 2         // decided at once: the others wait in their order
	jobKeptFor   = time.Hour // after it ended
)

// The states of a job.
const (
	jobWaiting = "waiting"
	jobRunning = "running"
	jobDone    = "done"
	jobStopped = "stopped" // it ended before its lines did: what is not among the outcomes was not decided
)

// Job is a batch that is answered later. It belongs to who gave it, and every instance tells of it. It stops when the instance that decides it ends:
// what was decided stays decided, and the same lines sent again are booked once only.
type Job struct {
	ID        string    `json:"id"`
	State     string    `json:"state"`
	Lines     int       `json:"lines"` // answered so far
	Accepted  int       `json:"accepted"`
	Repeated  int       `json:"repeated"` // among those accepted
	Refused   int       `json:"refused"`
	Before    int       `json:"refused_before"` // among those refused: by an earlier import, and not decided again
	Failed    int       `json:"failed"`         // neither accepted nor refused: to be sent again
	Position  uint64    `json:"position,omitzero"`
	Stopped   string    `json:"stopped,omitzero"` // why
	GivenAt   time.Time `json:"given_at"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	KeptUntil time.Time `json:"kept_until,omitzero"`
	Outcomes  string    `json:"outcomes"` // where they are once it has ended
}

// job is what is kept of a [Job].
type job struct {
	owner domain.PersonID
	held  int // bytes that it counts for

	mu       sync.Mutex
	now      Job
	outcomes bytes.Buffer
	parts    int // of the outcomes, as they lie on the shelf
	forget   *time.Timer
}

// sharedJob is a job as it lies on the shelf, for the other instances; its outcomes lie beside it, in parts.
type sharedJob struct {
	Owner domain.PersonID `json:"owner"`
	Now   Job             `json:"now"`
	Parts int             `json:"parts"`
	Bytes int             `json:"bytes"`
	Seen  time.Time       `json:"seen"` // when its instance last said something of it
}

const (
	jobsOn, outcomesOn = "job.", "outcome."
	jobBeat            = 20 * time.Second // how often an instance says that a job of its is still there
	jobLost            = 3 * time.Minute  // after which its instance is taken for gone
	outcomesKeptFor    = 6 * time.Hour    // longer than any job and its keeping
)

// jobs are the batches that are answered later.
type jobs struct {
	ctx     context.Context
	turns   chan struct{}
	running sync.WaitGroup

	mu     sync.Mutex
	byID   map[string]*job
	held   int
	closed bool
}

func newJobs(ctx context.Context) *jobs {
	return &jobs{ctx: ctx, turns: make(chan struct{}, jobsAtOnce), byID: map[string]*job{}}
}

// close ends the jobs, once those that wait for the ledger have their outcome or know that it is unknown. The context ends before.
func (j *jobs) close() {
	j.mu.Lock()
	j.closed = true
	for _, one := range j.byID {
		one.mu.Lock()
		if one.forget != nil {
			one.forget.Stop()
		}
		one.mu.Unlock()
	}
	j.mu.Unlock()
	j.running.Wait()
}

// add takes a job in and runs it, unless there are too many.
func (j *jobs) add(owner domain.PersonID, size int, at time.Time, run func(*job)) (*job, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	mine := 0
	for _, one := range j.byID {
		if one.owner == owner {
			mine++
		}
	}
	switch {
	case j.closed:
		return nil, problem(http.StatusServiceUnavailable, "closed").after(5)
	case mine >= maxJobsEach || len(j.byID) >= maxJobs || j.held+size > maxJobsBytes:
		return nil, problem(http.StatusTooManyRequests, "too_many_jobs", "most", maxJobsEach).after(30)
	}
	id := rand.Text()
	one := &job{owner: owner, held: size, now: Job{ID: id, State: jobWaiting, GivenAt: at.UTC(), Outcomes: "/v1/jobs/" + id + "/outcomes"}}
	j.byID[id] = one
	j.held += size
	j.running.Go(func() { run(one) })
	return one, nil
}

// grow counts more bytes for a job, and reports whether they are within what all may hold together.
func (j *jobs) grow(one *job, by int) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	one.held += by
	j.held += by
	return j.held <= maxJobsBytes
}

func (j *jobs) remove(one *job) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.byID[one.now.ID] == one {
		delete(j.byID, one.now.ID)
		j.held -= one.held
	}
}

// of is a person's job; nobody else's.
func (j *jobs) of(id string, owner domain.PersonID) (*job, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	one, ok := j.byID[id]
	if !ok || one.owner != owner {
		return nil, problem(http.StatusNotFound, "not_found")
	}
	return one, nil
}

// respondAsync reports whether a request prefers to be answered later (RFC 7240).
func respondAsync(r *http.Request) bool {
	for _, field := range r.Header.Values("Prefer") {
		for part := range strings.SplitSeq(field, ",") {
			name, _, _ := strings.Cut(part, ";")
			if strings.EqualFold(strings.TrimSpace(name), "respond-async") {
				return true
			}
		}
	}
	return false
}

// takeJob reads a batch's body, answers where its outcomes will be, and decides it meanwhile.
func (s *Server) takeJob(w http.ResponseWriter, r *http.Request, b *batchReader) error {
	body, err := readJob(b)
	if err != nil {
		return err
	}
	b.wait = func() {}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.cfg.Stall)) // the body may have come for longer than an answer may take
	one, err := s.jobs.add(b.viewer.ID, len(body), s.cfg.Now(), func(one *job) { s.runJob(one, b, body) })
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/v1/jobs/"+one.now.ID)
	w.Header().Set("Preference-Applied", "respond-async")
	return writeJSON(w, http.StatusAccepted, one.status())
}

// readJob reads a body of bounded size, as long as it keeps coming.
func readJob(b *batchReader) ([]byte, error) {
	var body bytes.Buffer
	for {
		b.wait()
		n, err := io.CopyN(&body, b.body, 64<<10)
		switch {
		case body.Len() > maxJobBytes:
			return nil, problem(http.StatusRequestEntityTooLarge, "too_large", "limit", maxJobBytes)
		case errors.Is(err, io.EOF):
			return body.Bytes(), nil
		case err != nil:
			return nil, unreadBody(fmt.Errorf("after %d bytes: %w", body.Len()+int(n), err))
		}
	}
}

// runJob decides a job's lines, a group after the other, and keeps its answers for a while.
func (s *Server) runJob(one *job, b *batchReader, body []byte) {
	stopped := ""
	s.shareJob(one)
	beat := time.NewTicker(jobBeat)
	defer beat.Stop()
	for waiting := true; waiting; {
		select {
		case s.jobs.turns <- struct{}{}:
			one.update(func(now *Job) { now.State = jobRunning })
			stopped = s.decideJob(one, b, body)
			<-s.jobs.turns
			waiting = false
		case <-s.jobs.ctx.Done():
			stopped, waiting = "closed", false
		case <-beat.C:
			s.shareJob(one)
		}
	}
	defer s.shareJob(one)
	s.jobs.grow(one, -len(body))
	until := s.cfg.Now().Add(jobKeptFor).UTC()
	one.mu.Lock()
	defer one.mu.Unlock()
	one.now.State, one.now.Stopped, one.now.EndedAt, one.now.KeptUntil = jobDone, stopped, s.cfg.Now().UTC(), until
	if stopped != "" {
		one.now.State = jobStopped
	}
	one.forget = time.AfterFunc(jobKeptFor, func() { s.jobs.remove(one) })
	if s.jobs.ctx.Err() != nil {
		one.forget.Stop()
	}
}

// decideJob says why it stopped before the end; "" where it did not.
func (s *Server) decideJob(one *job, b *batchReader, body []byte) string {
	in := bufio.NewReaderSize(bytes.NewReader(body), 64<<10)
	var out bytes.Buffer
	for s.jobs.ctx.Err() == nil {
		g, orders, err := b.group(s.jobs.ctx, in)
		results := s.outcomes(orders)
		out.Reset()
		answers := g.answers(results)
		if failed := encodeLines(&out, answers); failed != nil {
			s.cfg.Logger.Error("a job's outcomes cannot be written", "job", one.now.ID, "error", failed)
			return "fault"
		}
		one.update(func(now *Job) {
			one.outcomes.Write(out.Bytes())
			now.count(answers)
		})
		s.sharePart(one, out.Bytes())
		switch {
		case errors.Is(err, io.EOF):
			return b.over
		case err != nil:
			return "fault"
		case !s.jobs.grow(one, out.Len()):
			return "too_much"
		}
	}
	return "closed"
}

// outcomesWithin is how long a group that was given may take to be durable once the service ends.
const outcomesWithin = 10 * time.Second

// outcomes gives a group to the ledger. What was given is booked whether anybody waits or not: a service that ends waits for it, so
// that nothing is booked behind its back.
func (s *Server) outcomes(orders []ledger.Order) []ledger.Result {
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.jobs.ctx))
	defer cancel()
	defer context.AfterFunc(s.jobs.ctx, func() { time.AfterFunc(outcomesWithin, cancel) })()
	return s.cfg.Ledger.DoAll(ctx, orders)
}

func (j *Job) count(answers []line) {
	for _, l := range answers {
		j.Lines++
		switch {
		case l.Status == http.StatusOK:
			j.Accepted++
			j.Position = max(j.Position, l.LastSeq)
			if l.Repeated {
				j.Repeated++
			}
		case l.Status >= http.StatusInternalServerError:
			j.Failed++
		default:
			j.Refused++
			if l.Before {
				j.Before++
			}
		}
	}
}

func (one *job) update(change func(*Job)) {
	one.mu.Lock()
	defer one.mu.Unlock()
	change(&one.now)
}

func (one *job) status() Job {
	one.mu.Lock()
	defer one.mu.Unlock()
	return one.now
}

// sharePart puts a part of a job's outcomes on the shelf, and how far the job is.
func (s *Server) sharePart(one *job, part []byte) {
	if len(part) > 0 {
		ctx, cancel := context.WithTimeout(context.Background(), shelfWait)
		defer cancel()
		if err := s.cfg.Users.Shelf().Put(ctx, outcomesOn+one.now.ID+"."+strconv.Itoa(one.parts), part, outcomesKeptFor); err != nil {
			s.cfg.Logger.Warn("a job's outcomes are not shared with other instances", "job", one.now.ID, "error", err)
			return
		}
		one.parts++
	}
	s.shareJob(one)
}

// shareJob puts a job on the shelf as it is. The instance that decides it answers from its own memory in any case.
func (s *Server) shareJob(one *job) {
	one.mu.Lock()
	text, err := json.Marshal(sharedJob{Owner: one.owner, Now: one.now, Parts: one.parts, Bytes: one.outcomes.Len(), Seen: s.cfg.Now().UTC()}, json.Deterministic(true))
	one.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), shelfWait)
	defer cancel()
	if err == nil {
		err = s.cfg.Users.Shelf().Put(ctx, jobsOn+one.now.ID, text, jobKeptFor)
	}
	if err != nil {
		s.cfg.Logger.Warn("a job is not shared with other instances", "job", one.now.ID, "error", err)
	}
}

// jobAsked is a person's job, wherever it is decided; nobody else's. The outcomes are written by what is returned.
func (s *Server) jobAsked(r *http.Request) (now Job, size int, write func(io.Writer) error, err error) {
	v, _ := ViewerOf(r)
	id := r.PathValue("id")
	if one, err := s.jobs.of(id, v.ID); err == nil {
		one.mu.Lock()
		defer one.mu.Unlock()
		outcomes := one.outcomes.Bytes() // of a job that has ended nothing is added
		return one.now, len(outcomes), func(out io.Writer) error { _, err := out.Write(outcomes); return err }, nil
	}
	notFound := problem(http.StatusNotFound, "not_found")
	if strings.Trim(id, jobID) != "" {
		return now, 0, nil, notFound
	}
	shelf := s.cfg.Users.Shelf()
	text, _, err := shelf.Get(r.Context(), jobsOn+id)
	var shared sharedJob
	if err == nil {
		err = json.Unmarshal(text, &shared)
	}
	switch {
	case errors.Is(err, eventstore.ErrNotFound), err == nil && shared.Owner != v.ID:
		return now, 0, nil, notFound
	case err != nil:
		return now, 0, nil, problem(http.StatusServiceUnavailable, "accounts_away").because(err).after(5)
	}
	if shared.Now.EndedAt.IsZero() && s.cfg.Now().Sub(shared.Seen) > jobLost {
		shared.Now.State, shared.Now.Stopped, shared.Now.EndedAt = jobStopped, "instance_gone", shared.Seen
	}
	return shared.Now, shared.Bytes, func(out io.Writer) error {
		for i := range shared.Parts {
			part, _, err := shelf.Get(r.Context(), outcomesOn+id+"."+strconv.Itoa(i))
			if err == nil {
				_, err = out.Write(part)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// jobID are the characters of a job's id.
const jobID = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// getJob tells how far a job is.
func (s *Server) getJob(w http.ResponseWriter, r *http.Request) error {
	now, _, _, err := s.jobAsked(r)
	if err != nil {
		return err
	}
	if now.State == jobWaiting || now.State == jobRunning {
		w.Header().Set("Retry-After", "1")
	}
	return writeJSON(w, http.StatusOK, now)
}

// getJobOutcomes gives the answers of a job that has ended, one a line, as the batch itself would have.
func (s *Server) getJobOutcomes(w http.ResponseWriter, r *http.Request) error {
	now, size, write, err := s.jobAsked(r)
	if err != nil {
		return err
	}
	if now.EndedAt.IsZero() {
		return problem(http.StatusConflict, "job_running", "job", now.ID).after(1)
	}
	h := w.Header()
	h.Set("Content-Type", "application/x-ndjson")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Length", strconv.Itoa(size))
	h.Set("Fundledger-Rows", strconv.Itoa(now.Lines))
	w.WriteHeader(http.StatusOK)
	if err := write(s.taker(w, r)); err != nil {
		s.cfg.Logger.Info("a client did not take its job's outcomes", "job", now.ID, "error", err)
		panic(http.ErrAbortHandler) // the client must see that it is cut
	}
	return nil
}

func encodeLines(out *bytes.Buffer, answers []line) error {
	for _, l := range answers {
		if err := json.MarshalWrite(out, l, json.Deterministic(true)); err != nil {
			return err
		}
		out.WriteByte('\n')
	}
	return nil
}

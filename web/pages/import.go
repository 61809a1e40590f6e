package pages

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/intake"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/tabular"
	"github.com/fundledger/fundledger/web"
	"github.com/fundledger/fundledger/words"
)

const (
	uploadsKept = 16 // files that were looked at: until they are booked, and what was refused of them for as long
	uploadLife  = 30 * time.Minute
	// uploadAnswered is how long trying or booking a file may take.
	uploadAnswered = 15 * time.Minute
	maxUploaded    = 60 << 20
	importBatch    = 500
	shownRejects   = 200
	maxMappingLen  = 1 << 20
)

// upload is a file from its preview on: until it is booked, and with what was refused of it until its time is over.
type upload struct {
	dir, name, mapping string // mapping: the path of its mapping, if any
	owner              domain.PersonID
	booked             bool // or about to be
	refused            bool // there are rejects to download
	retry              bool // what was refused before is asked again
	ends               *time.Timer
}

// uploads are the files that were looked at. They lie in folders of this process, and leave them when their time is over and
// with the server.
type uploads struct {
	mu     sync.Mutex
	closed bool
	all    map[string]*upload
}

// keep keeps a file for its owner under a token.
func (u *uploads) keep(up *upload) (string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed || len(u.all) >= uploadsKept {
		return "", &web.Problem{Type: "urn:fundledger:problem:import_busy", Status: http.StatusTooManyRequests, Code: "import_busy",
			Message: &domain.Text{ZH: "待确认的导入过多，请稍后再试。", EN: "Too many imports wait to be confirmed; try again later."}}
	}
	if u.all == nil {
		u.all = map[string]*upload{}
	}
	token := rand.Text()
	u.all[token] = up
	up.ends = time.AfterFunc(uploadLife, func() { u.drop(token) })
	return token, nil
}

// drop removes a file; one that is being booked removes itself afterwards.
func (u *uploads) drop(token string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if up := u.all[token]; up != nil {
		up.ends.Stop()
		up.remove()
		delete(u.all, token)
	}
}

// take gives a file to its owner to be booked, once.
func (u *uploads) take(token string, owner domain.PersonID) *upload {
	u.mu.Lock()
	defer u.mu.Unlock()
	up := u.all[token]
	if up == nil || up.owner != owner || up.booked {
		return nil
	}
	up.booked = true
	delete(u.all, token) // its time is over only when it is booked
	up.ends.Stop()
	return up
}

// rejects is what was refused of a file, for its owner.
func (u *uploads) rejects(token string, owner domain.PersonID) (*os.File, string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	up := u.all[token]
	if up == nil || up.owner != owner || !up.refused {
		return nil, "", projections.ErrNotFound
	}
	f, err := os.Open(up.rejectsFile())
	return f, up.name, err
}

// close removes all files.
func (u *uploads) close() {
	u.mu.Lock()
	u.closed = true
	tokens := slices.Collect(maps.Keys(u.all))
	u.mu.Unlock()
	for _, token := range tokens {
		u.drop(token)
	}
}

func (up *upload) remove() { _ = os.RemoveAll(up.dir) } // what stays behind lies in the system's folder for such things

func (up *upload) rejectsFile() string { return filepath.Join(up.dir, "rejects.jsonl") }

// Close waits for what is being summed up, and removes the files that were not booked.
func (p *Pages) Close() error {
	p.sums.close()
	p.todos.close()
	p.uploads.close()
	return nil
}

// imported is what became of a file, or would.
type imported struct {
	File                                           string
	Lines, Accepted, Refused, Repeated, Unreadable int
	Before                                         int // refused by an earlier import, and not asked again
	Events                                         uint64
	Rounded                                        int
	LastSeq                                        uint64
	Notes                                          []domain.Text // of how the file was read
	Rejects                                        []intake.Reject
	More                                           int // rejects beyond those shown
	Fault                                          *domain.Text

	refuse      func(intake.Reject) error // takes every reject down
	refusedUpTo uint64                    // what an import was refused up to there is not asked again
}

type importBody struct {
	Result  *imported
	Token   string // of a file that can be booked
	Rejects string // the token under which its rejects are
	Booked  bool
}

// Templates are the verbs of which there are templates to fill in.
func (b *importBody) Templates() []domain.Verb { return intake.Templates() }

// importPage takes a file of commands, shows what it would do, and books it when that is confirmed.
func (p *Pages) importPage(w http.ResponseWriter, r *http.Request) error {
	pg, err := p.enter(r, "/import")
	if err != nil {
		return err
	}
	if !pg.Viewer.Has(domain.Admin) {
		return &web.Problem{Type: "urn:fundledger:problem:route_not_allowed", Status: http.StatusForbidden, Code: "route_not_allowed",
			Figures: domain.Figures{"allowed": string(domain.Admin)}, Message: &domain.Text{ZH: "只有管理员可以导入。", EN: "Only an admin may import."}}
	}
	b := &importBody{}
	if r.Method == http.MethodPost {
		p.server.Patient(w, r, uploadAnswered)
		if b, err = p.importPosted(r, pg.Viewer); err != nil {
			return err
		}
	}
	return importSheet.write(p, w, http.StatusOK, pg, b)
}

func (p *Pages) importPosted(r *http.Request, v web.Viewer) (*importBody, error) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := r.ParseForm(); err != nil {
			return nil, invalid("form", "")
		}
		return p.book(r.Context(), v, r.PostForm.Get("token"))
	}
	up, err := receive(r, v.ID)
	if err != nil {
		return nil, err
	}
	l, done, err := p.server.Rehearse(r.Context())
	if err != nil {
		up.remove()
		return nil, err
	}
	defer done()
	up.retry = r.PostFormValue("retry") != ""
	result, err := up.run(r.Context(), l.RefusedSoFar, func(ctx context.Context, orders []ledger.Order) ([]ledger.Result, error) {
		return p.server.Import(ctx, v, l, orders)
	})
	if err != nil {
		up.remove()
		return nil, err
	}
	b := &importBody{Result: result}
	if result.Fault != nil || result.Accepted == 0 && !up.refused {
		up.remove()
		return b, nil
	}
	up.booked = result.Accepted == 0 // there is nothing to book
	token, err := p.uploads.keep(up)
	if err != nil {
		up.remove()
		return nil, err
	}
	if !up.booked {
		b.Token = token
	}
	if up.refused {
		b.Rejects = token
	}
	return b, nil
}

// book books a file that was looked at. Sent twice, the second finds no file: it is booked already.
func (p *Pages) book(ctx context.Context, v web.Viewer, token string) (*importBody, error) {
	up := p.uploads.take(token, v.ID)
	if up == nil {
		return nil, &web.Problem{Type: "urn:fundledger:problem:import_gone", Status: http.StatusGone, Code: "import_gone",
			Message: &domain.Text{ZH: "这次导入已经记账、已过期或不是您的；请重新选择文件。同一文件再次导入不会重复记账。",
				EN: "That import was booked already, has expired, or is not yours; choose the file again. The same file imported again books nothing twice."}}
	}
	kept := false
	defer func() {
		if !kept {
			up.remove()
		}
	}()
	ctx = context.WithoutCancel(ctx) // who leaves the page has confirmed it all the same
	result, err := up.run(ctx, p.server.RefusedSoFar, func(ctx context.Context, orders []ledger.Order) ([]ledger.Result, error) {
		return p.server.Import(ctx, v, nil, orders)
	})
	if err != nil {
		return nil, err
	}
	_ = p.server.WaitFor(ctx, result.LastSeq) // pages say how far they are
	b := &importBody{Result: result, Booked: true}
	if up.refused {
		_ = os.Remove(up.path()) // only what was refused is asked for again
		if b.Rejects, err = p.uploads.keep(up); err == nil {
			kept = true
		} // without a place for it, what is shown on the page is all there is: it is booked
	}
	return b, nil
}

// rejects gives what was refused of a file: as the command line writes it, or as a table for people.
func (p *Pages) rejects(w http.ResponseWriter, r *http.Request) error {
	v, _ := web.ViewerOf(r)
	format := tabular.NDJSON
	switch text := r.URL.Query().Get("format"); text {
	case "", "jsonl":
	case "csv", "xlsx":
		format = tabular.Format(text)
	default:
		return invalid("format", text)
	}
	f, name, err := p.uploads.rejects(r.PathValue("token"), v.ID)
	if err != nil {
		return err
	}
	defer f.Close()
	h := w.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Type", format.ContentType())
	extension := strings.TrimPrefix(format.Extension(), ".")
	if format == tabular.NDJSON {
		extension = "jsonl"
	}
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": strings.TrimSuffix(name, filepath.Ext(name)) + "-rejects." + extension}))
	out := p.server.PatientWriter(w, r)
	if format == tabular.NDJSON {
		_, err = io.Copy(out, f)
	} else {
		_, err = words.Written(out, format, rejectsTable(f), tabular.Options{Lang: v.Lang, HumanHeadings: true}, p.names.Load())
	}
	if err != nil {
		panic(http.ErrAbortHandler) // the client must see that it is cut
	}
	return nil
}

// rejectsTable is a file of rejects as a table, for whoever mends the file: the reasons stand in both languages.
func rejectsTable(r io.Reader) tabular.Table {
	t := tabular.Table{Name: "rejects", Title: domain.Text{ZH: "被拒的行", EN: "Refused lines"},
		Columns: words.Named("line", "cell", "id", "reason_zh", "reason_en", "code", "rule")}
	t.Rows = func(yield func(tabular.Row, error) bool) {
		lines := jsontext.NewDecoder(r)
		for {
			var reject intake.Reject
			err := json.UnmarshalDecode(lines, &reject)
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(tabular.Row{int64(reject.Line), reject.Figures["cell"], reject.ID, reject.Message.ZH, reject.Message.EN, reject.Code, reject.Rule}, err) || err != nil {
				return
			}
		}
	}
	return t
}

// template gives an empty table of a verb, to be filled in and imported.
func (p *Pages) template(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	format, command := intake.Format(q.Get("format")), q.Get("command")
	if !slices.Contains([]intake.Format{intake.CSV, intake.XLSX}, format) {
		return invalid("format", string(format))
	}
	if !slices.ContainsFunc(intake.Templates(), func(v domain.Verb) bool { return v.Name == command }) {
		return invalid("command", command)
	}
	h := w.Header()
	h.Set("Content-Type", tabular.Format(format).ContentType())
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": command + "." + string(format)}))
	return intake.WriteTemplate(w, command, format)
}

// pastedName is what a table is called that was copied from a spreadsheet: its cells are parted by tabs.
const pastedName = "pasted.tsv"

// receive keeps the file of a form, or the table that was pasted into it, and its mapping, in a folder of their own.
func receive(r *http.Request, owner domain.PersonID) (*upload, error) {
	file, err := chosenFile(r, "file", ".jsonl", ".csv", ".xlsx", ".xlsm", ".tsv", ".txt", ".xls", ".et")
	pasted := ""
	if r.MultipartForm != nil {
		pasted = r.PostFormValue("pasted")
	}
	if err != nil && (strings.TrimSpace(pasted) == "" || len(r.MultipartForm.File["file"]) > 0 && r.MultipartForm.File["file"][0].Size > 0) {
		return nil, err
	}
	defer r.MultipartForm.RemoveAll()
	dir, err := os.MkdirTemp("", "fundledger-import-")
	if err != nil {
		return nil, fmt.Errorf("keeping an upload: %w", err)
	}
	up := &upload{dir: dir, owner: owner, name: pastedName}
	if file != nil {
		up.name = plainName(file)
		err = save(file, up.path())
	} else if err = os.WriteFile(up.path(), []byte(pasted), 0o600); err != nil {
		err = fmt.Errorf("keeping an upload: %w", err)
	}
	if err == nil {
		err = up.storeMapping(r)
	}
	if err != nil {
		up.remove()
		return nil, err
	}
	return up, nil
}

// chosenFile is the one file of a form's field, within bounds, and of one of the kinds.
func chosenFile(r *http.Request, field string, kinds ...string) (_ *multipart.FileHeader, err error) {
	unfit := func(status int, code string) error {
		return &web.Problem{Type: "urn:fundledger:problem:" + code, Status: status, Code: code, Figures: domain.Figures{"parameter": field},
			Message: &domain.Text{ZH: "请选择一个不为空、不超过 60 MB 的文件。", EN: "Choose one file that is not empty and of at most 60 MB."}}
	}
	var over *http.MaxBytesError
	if err := r.ParseMultipartForm(8 << 20); errors.As(err, &over) {
		return nil, unfit(http.StatusRequestEntityTooLarge, "too_large")
	} else if err != nil {
		return nil, invalid(field, "")
	}
	files := r.MultipartForm.File[field]
	switch {
	case len(files) != 1 || files[0].Size == 0:
		err = unfit(http.StatusBadRequest, "parameter_invalid")
	case files[0].Size > maxUploaded:
		err = unfit(http.StatusRequestEntityTooLarge, "too_large")
	case !slices.Contains(kinds, strings.ToLower(filepath.Ext(plainName(files[0])))):
		err = &web.Problem{Type: "urn:fundledger:problem:media_type", Status: http.StatusUnsupportedMediaType, Code: "media_type", Figures: domain.Figures{"allowed": strings.Join(kinds, ", ")},
			Message: &domain.Text{ZH: "只接受 " + strings.Join(kinds, "、") + " 文件。", EN: "Only " + strings.Join(kinds, ", ") + " files are taken."}}
	}
	if err != nil {
		return nil, errors.Join(err, r.MultipartForm.RemoveAll())
	}
	return files[0], nil
}

// plainName is the last part of a file's name, whatever way its sender writes paths. Only its end counts, which says what kind of file it is.
func plainName(file *multipart.FileHeader) string {
	return filepath.Base(filepath.Clean("/" + strings.ReplaceAll(file.Filename, `\`, "/")))
}

func (up *upload) storeMapping(r *http.Request) error {
	maps := r.MultipartForm.File["map"]
	if len(maps) == 0 || maps[0].Size == 0 {
		return nil
	}
	if maps[0].Size > maxMappingLen {
		return invalid("map", maps[0].Filename)
	}
	up.mapping = filepath.Join(up.dir, "mapping.yaml")
	return save(maps[0], up.mapping)
}

func (up *upload) path() string {
	return filepath.Join(up.dir, "upload"+strings.ToLower(filepath.Ext(up.name)))
}

func save(file *multipart.FileHeader, path string) error {
	in, err := file.Open()
	if err != nil {
		return fmt.Errorf("reading an upload: %w", err)
	}
	defer in.Close()
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("keeping an upload: %w", err)
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("keeping an upload: %w", err)
	}
	return nil
}

// giver decides orders; each result is of the order in its place.
type giver func(context.Context, []ledger.Order) ([]ledger.Result, error)

// run reads the file and gives its commands, in their order. refusedSoFar says up to where refusals are kept when it begins.
func (up *upload) run(ctx context.Context, refusedSoFar func(context.Context) (uint64, error), give giver) (*imported, error) {
	sum := &imported{File: up.name}
	if !up.retry {
		var err error
		if sum.refusedUpTo, err = refusedSoFar(ctx); err != nil {
			return nil, err
		}
	}
	source, err := up.open()
	if err != nil {
		return sum.fault(err, up)
	}
	defer source.Close()
	rejects, err := os.Create(up.rejectsFile())
	if err != nil {
		return nil, fmt.Errorf("keeping what is refused: %w", err)
	}
	defer rejects.Close()
	out := bufio.NewWriter(rejects)
	sum.refuse = func(r intake.Reject) error {
		up.refused = true
		return intake.WriteReject(out, r)
	}
	var lines []intake.Line
	for {
		line, err := source.Next()
		if err == nil {
			if lines = append(lines, line); len(lines) < importBatch {
				continue
			}
		}
		if done := sum.give(ctx, lines, give); done != nil {
			return nil, done
		}
		lines = lines[:0]
		if errors.Is(err, io.EOF) {
			report := source.Report()
			sum.Lines, sum.Rounded, sum.Notes = report.Lines, report.Rounded.Count, report.Notes()
			return sum, out.Flush()
		}
		if err != nil {
			up.refused = false // the file as a whole is at fault, and is not kept
			return sum.fault(err, up)
		}
	}
}

func (up *upload) open() (*intake.Source, error) {
	var options intake.Options
	if up.mapping != "" {
		f, err := os.Open(up.mapping)
		if err != nil {
			return nil, fmt.Errorf("reading the mapping: %w", err)
		}
		defer f.Close()
		if options.Map, err = intake.LoadMapping(f, "mapping.yaml"); err != nil {
			return nil, err // it says what is wrong in both languages
		}
	}
	return intake.Open(up.path(), options)
}

// fault tells people what is wrong with the file; another error is one of ours.
func (s *imported) fault(err error, up *upload) (*imported, error) {
	var file *intake.FileError
	var told interface{ Message() domain.Text }
	switch {
	case errors.As(err, &file):
		known := *file
		known.File = up.name
		m := known.Message()
		s.Fault = &m
		return s, nil
	case errors.As(err, &told): // of the mapping
		m := told.Message()
		s.Fault = &m
		return s, nil
	}
	return nil, err
}

// give gives a batch of lines, and counts what became of them.
func (s *imported) give(ctx context.Context, lines []intake.Line, give giver) error {
	var orders []ledger.Order
	for _, line := range lines {
		if line.Command == nil {
			continue
		}
		order := ledger.Order{Command: line.Command, Formerly: line.Formerly, RefusedUpTo: s.refusedUpTo}
		if line.Again {
			order.RefusedUpTo = 0
		}
		orders = append(orders, order)
	}
	var results []ledger.Result
	if len(orders) > 0 {
		var err error
		if results, err = give(ctx, orders); err != nil {
			return err
		}
	}
	for _, line := range lines {
		refusal, before := line.Refusal, false
		if line.Command != nil {
			result := results[0]
			results = results[1:]
			if result.Err != nil {
				return result.Err
			}
			refusal, before = result.Refusal, result.Before
			s.count(result)
		} else {
			s.Unreadable++
		}
		if refusal == nil {
			continue
		}
		if before {
			s.Before++
		} else {
			s.Refused++
		}
		reject := intake.Rejected(line, refusal)
		if err := s.refuse(reject); err != nil {
			return err
		}
		if len(s.Rejects) < shownRejects {
			s.Rejects = append(s.Rejects, reject)
		} else {
			s.More++
		}
	}
	return nil
}

func (s *imported) count(r ledger.Result) {
	switch {
	case r.Refusal != nil:
	case r.Outcome.Repeated:
		s.Repeated++
	default:
		s.Accepted++
		s.Events += r.Outcome.LastSeq - r.Outcome.FirstSeq + 1
	}
	if r.Refusal == nil {
		s.LastSeq = max(s.LastSeq, r.Outcome.LastSeq)
	}
}

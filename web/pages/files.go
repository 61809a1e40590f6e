package pages

import (
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/projections"
	"github.com/fundledger/fundledger/web"
)

// attached is a file that a submission names, and whether its content is kept.
type attached struct {
	domain.Attachment
	Bytes    int64
	Kept     bool
	Unknown  bool // the store of files does not answer
	Replaced bool // a later submission names others
}

// attachedOf asks the store of files for what is named.
func (p *Pages) attachedOf(ctx context.Context, named []domain.Attachment) []attached {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	list := make([]attached, len(named))
	for i, a := range named {
		list[i].Attachment = a
		var err error
		list[i].Bytes, list[i].Kept, err = p.server.FileSize(ctx, a.SHA256)
		list[i].Unknown = err != nil
	}
	return list
}

// filesOf are the files that an application's submissions named up to a moment, those of the latest first.
func (p *Pages) filesOf(ctx context.Context, id domain.ApplicationID, asked asked) ([]attached, error) {
	ask := projections.Where(projections.ByApplication.Is(id))
	ask.AsOf, ask.On = asked.asOf, asked.on
	var named []domain.Attachment
	var seqs []uint64
	for row, err := range projections.Attachments.Every(ctx, p.server.Queries(), ask) {
		if err != nil {
			return nil, err
		}
		named, seqs = append(named, domain.Attachment{Name: row.FileName, SHA256: row.SHA256}), append(seqs, row.Seq)
	}
	list := p.attachedOf(ctx, named)
	for i := range list {
		list[i].Replaced = seqs[i] != seqs[len(seqs)-1]
	}
	slices.SortStableFunc(list, func(a, b attached) int {
		switch {
		case a.Replaced == b.Replaced:
			return 0
		case b.Replaced:
			return -1
		}
		return 1
	})
	return list, nil
}

// sized is a number of bytes as people read it.
func sized(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}

// readForm reads a sent form, with files or without.
func (p *Pages) readForm(w http.ResponseWriter, r *http.Request) error {
	read := r.ParseForm
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		p.server.Patient(w, r, time.Minute)
		read = func() error { return r.ParseMultipartForm(formInMemory) }
	}
	var over *http.MaxBytesError
	if err := read(); errors.As(err, &over) {
		return over
	} else if err != nil {
		return invalid("form", "")
	}
	return nil
}

const (
	formInMemory = 8 << 20 // of a form with files; the rest waits on the disk until it is answered
	filesOfField = ".files"
)

// attach takes the files of a form into its command: their names and hashes first, and where the rules take the command, their contents, so that no
// event names what nobody kept. Where the rules refuse it nothing is kept, and holds lets pass nothing else than their refusal.
func (p *Pages) attach(r *http.Request, v web.Viewer, g web.Grant, c domain.Command) (refusal *domain.Refusal, holds func(*domain.State) bool, err error) {
	submit, attaches := c.(*domain.SubmitApplication)
	if !attaches || r.MultipartForm == nil {
		return nil, nil, nil
	}
	var fresh []*multipart.FileHeader
	for _, file := range r.MultipartForm.File["attachments"+filesOfField] {
		if file.Filename == "" && file.Size == 0 {
			continue // a browser's way to say that none was chosen
		}
		a, refusal, err := p.sent(file)
		if refusal != nil || err != nil {
			return refusal, nil, err
		}
		if submit.Attach(a) {
			fresh = append(fresh, file)
		}
	}
	domain.HeadOf(c).Actor = v.Actor(g)
	taken := false
	err = p.server.View(r.Context(), func(s *domain.State, _ uint64) {
		_, refused := domain.Decide(s, c, p.today())
		taken = refused == nil
	})
	if err != nil {
		return nil, nil, err
	}
	if !taken && len(fresh) > 0 {
		return nil, func(s *domain.State) bool { _, refused := domain.Decide(s, c, p.today()); return refused != nil }, nil
	}
	for i, file := range fresh {
		if err := p.keep(r.Context(), v, file, submit.Attachments[len(submit.Attachments)-len(fresh)+i].SHA256); err != nil {
			return nil, nil, err
		}
	}
	// A form that is shown again has them: nobody chooses them twice.
	var lines []string
	for _, a := range submit.Attachments {
		lines = append(lines, a.Name+"="+a.SHA256)
	}
	r.PostForm.Set("attachments", strings.Join(lines, "\n"))
	return nil, nil, nil
}

// sent is a file that was sent, by its name and hash.
func (p *Pages) sent(file *multipart.FileHeader) (a domain.Attachment, _ *domain.Refusal, err error) {
	a.Name = web.FileName(file.Filename)
	opened, err := file.Open()
	if err != nil {
		return a, nil, err
	}
	defer opened.Close()
	most := p.server.FileBytes()
	_, a.SHA256, err = eventstore.ReadFile(opened, most, "")
	switch {
	case errors.Is(err, eventstore.ErrEmpty):
		return a, domain.NewRefusal(domain.CodeFieldInvalid, "field", "attachments", "value", a.Name, "reason", domain.ReasonFileEmpty), nil
	case errors.Is(err, eventstore.ErrTooLong):
		return a, domain.NewRefusal(domain.CodeFieldInvalid, "field", "attachments", "value", a.Name, "reason", domain.ReasonFileTooLarge, "limit", most>>20), nil
	}
	return a, nil, err
}

// keep keeps the content of a file that was sent.
func (p *Pages) keep(ctx context.Context, v web.Viewer, file *multipart.FileHeader, hash string) error {
	opened, err := file.Open()
	if err != nil {
		return err
	}
	defer opened.Close()
	_, err = p.server.KeepFile(ctx, v, opened, hash)
	return err
}

// supplyFile keeps the content of a file that an application names, and that nobody kept.
func (p *Pages) supplyFile(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.readForm(w, r); err != nil {
		return err
	}
	v, _ := web.ViewerOf(r)
	hash := r.PostForm.Get("sha256")
	named, err := projections.Attachments.Page(r.Context(), p.server.Queries(), projections.Ask{Limit: 1,
		Where: []projections.Condition{projections.ByApplication.Is(domain.ApplicationID(id)), projections.BySHA256.Is(hash)}})
	if err != nil {
		return err
	}
	if hash == "" || len(named.Rows) == 0 {
		return projections.ErrNotFound
	}
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) != 1 {
		return invalid("file", "")
	}
	if err := p.keep(r.Context(), v, r.MultipartForm.File["file"][0], hash); err != nil {
		return err
	}
	http.Redirect(w, r, "/applications/"+escape(id)+"#files", http.StatusSeeOther)
	return nil
}

// linesOf are the lines of a form's value.
func linesOf(value string) []string {
	return strings.Split(strings.ReplaceAll(value, "\r\n", "\n"), "\n")
}

package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/projections"
)

// The contents of attachments: an event says the name and the SHA-256 of a file, the store of files ([eventstore.Files]) has what is in it. Who gives the command
// puts the content there before. What no application names, nobody reads; what one names, whoever may read applications does.

const (
	defaultFileBytes = 20 << 20
	filesAtOnce      = 6 // each is held in memory whole
	filesEach        = 2 // of one person
	filesOpen        = 8 // of one person, waiting ones included
	filesWait        = 30 * time.Second
	fileAnswer       = time.Minute
)

// submitVerb is the verb whose command names files: whoever may give it may put their contents.
var submitVerb, _ = domain.VerbNamed("submit_application")

// FileKept is a content that was put.
type FileKept struct {
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

var fileParams = []param{
	{Name: "application", Kind: projections.Identifier, Meaning: domain.Text{ZH: "注明该文件的申请；缺省为任一", EN: "the application that names it; left out: any that does"}},
}

var keepParams = []param{
	{Name: "sha256", Kind: projections.Identifier, Meaning: domain.Text{ZH: "内容应有的 SHA-256；不符则不保存", EN: "the SHA-256 that the content must have; else it is not kept"}},
}

var fileRoutes = []route{
	{method: "POST", path: "/v1/files", roles: submitVerb.Roles, described: true, serve: (*Server).postFile, answer: reflect.TypeFor[FileKept](), params: keepParams,
		summary: domain.Text{ZH: "保存一个附件的内容（请求体即文件），得到其 SHA-256", EN: "Keep the content of an attachment, which is the body, and get its SHA-256"}},
	{method: "GET", path: "/v1/files/{sha256}", roles: everyone, described: true, serve: (*Server).getFile, media: "application/octet-stream", params: fileParams,
		summary: domain.Text{ZH: "下载申请所附的文件", EN: "An attachment of an application"}},
}

// postFile keeps a content.
func (s *Server) postFile(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, keepParams)
	if err != nil {
		return err
	}
	s.Patient(w, r, fileAnswer)
	v, _ := ViewerOf(r)
	kept, err := s.KeepFile(r.Context(), v, r.Body, a.text("sha256"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, kept)
}

// KeepFile keeps a content that is read to its end, in a viewer's name. wanted is the hash that it must have; "": any.
func (s *Server) KeepFile(ctx context.Context, v Viewer, from io.Reader, wanted string) (FileKept, error) {
	turn, err := s.files.enter(ctx)
	if err != nil {
		return FileKept{}, err
	}
	defer turn.leave()
	content, hash, err := eventstore.ReadFile(from, s.cfg.FileBytes, wanted)
	if err != nil {
		return FileKept{}, s.fileProblem(unread(err), hash)
	}
	now, ok := v.Again() // the body may have come long after its head
	if !ok {
		return FileKept{}, problem(http.StatusUnauthorized, "signed_out")
	}
	if no := now.mayNot(); no != nil {
		return FileKept{}, no
	}
	if !now.Has(submitVerb.Roles...) {
		return FileKept{}, NotFor(submitVerb.Roles...)
	}
	if s.cfg.Files == nil {
		return FileKept{}, problem(http.StatusServiceUnavailable, "files_unavailable")
	}
	if err := s.cfg.Ledger.Away(); err != nil {
		return FileKept{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, fileAnswer)
	defer cancel()
	if _, err = s.cfg.Files.Keep(ctx, content); err != nil {
		return FileKept{}, s.fileProblem(err, hash)
	}
	return FileKept{SHA256: hash, Bytes: int64(len(content))}, nil
}

// FileBytes is how long a content may be.
func (s *Server) FileBytes() int64 { return s.cfg.FileBytes }

// FileSize is how long the content of a hash is, and whether it is kept.
func (s *Server) FileSize(ctx context.Context, hash string) (size int64, kept bool, err error) {
	if s.cfg.Files == nil {
		return 0, false, problem(http.StatusServiceUnavailable, "files_unavailable")
	}
	size, err = s.cfg.Files.Size(ctx, hash)
	if errors.Is(err, eventstore.ErrNotFound) {
		return 0, false, nil
	}
	return size, err == nil, err
}

// unread is why a content could not be read: what its sender did, or what is wrong with it.
func unread(err error) error {
	for _, known := range []error{eventstore.ErrEmpty, eventstore.ErrTooLong, eventstore.ErrOtherContent} {
		if errors.Is(err, known) {
			return err
		}
	}
	return unreadBody(err)
}

// fileProblem is what the store of files said, as HTTP answers it.
func (s *Server) fileProblem(err error, hash string) error {
	switch {
	case errors.Is(err, eventstore.ErrEmpty):
		return problem(http.StatusUnprocessableEntity, "file_empty")
	case errors.Is(err, eventstore.ErrTooLong):
		return problem(http.StatusRequestEntityTooLarge, "file_too_large", "limit", s.cfg.FileBytes>>20)
	case errors.Is(err, eventstore.ErrOtherContent):
		return problem(http.StatusUnprocessableEntity, "file_other", "sha256", hash)
	case errors.Is(err, eventstore.ErrNotFound):
		return problem(http.StatusNotFound, "file_missing", "sha256", hash)
	case errors.Is(err, eventstore.ErrDamaged):
		s.cfg.Logger.Error("a file is not what was kept", "sha256", hash, "error", err)
		return problem(http.StatusInternalServerError, "file_damaged", "sha256", hash).because(err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", ledger.ErrUnavailable, err)
	}
	return err
}

// getFile answers a content that an application names. It is data, whatever it says that it is: no browser shows it.
func (s *Server) getFile(w http.ResponseWriter, r *http.Request) error {
	a, err := readQuery(r.URL.RawQuery, fileParams)
	if err != nil {
		return err
	}
	hash := r.PathValue("sha256")
	named, err := projections.Attachments.Page(r.Context(), s.cfg.Queries, projections.Ask{Limit: 1,
		Where: []projections.Condition{projections.BySHA256.Is(hash), projections.ByApplication.Is(domain.ApplicationID(a.text("application")))}})
	if err != nil {
		return err
	}
	if hash == "" || len(named.Rows) == 0 {
		return projections.ErrNotFound
	}
	turn, err := s.files.enter(r.Context())
	if err != nil {
		return err
	}
	defer turn.leave()
	if s.cfg.Files == nil {
		return problem(http.StatusServiceUnavailable, "files_unavailable")
	}
	ctx, cancel := context.WithTimeout(r.Context(), fileAnswer)
	defer cancel()
	content, err := s.cfg.Files.Get(ctx, hash)
	if err != nil {
		return s.fileProblem(err, hash)
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", disposition(named.Rows[0].FileName))
	h.Set("Content-Length", strconv.Itoa(len(content)))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-store")
	if _, err := io.Copy(s.PatientWriter(w, r), bytes.NewReader(content)); err != nil {
		panic(http.ErrAbortHandler) // the client must see that it is cut
	}
	return nil
}

// disposition has a browser save a content under a name, as RFC 6266 writes it: in ASCII for who reads no more, and as it is.
func disposition(name string) string {
	name = FileName(name)
	var ascii, whole strings.Builder
	for _, r := range name {
		if r > '~' || r == '%' {
			r = '_'
		}
		ascii.WriteRune(r)
	}
	for _, b := range []byte(name) {
		if b < 0x80 && (unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b)) || strings.IndexByte("!#$&+-.^_`|~", b) >= 0) {
			whole.WriteByte(b)
			continue
		}
		fmt.Fprintf(&whole, "%%%02X", b)
	}
	return `attachment; filename="` + ascii.String() + `"; filename*=UTF-8''` + whole.String()
}

// maxFileName is the longest name, in bytes, that file systems take.
const maxFileName = 200

// FileName is what a file is saved as: the last part of its name, without what a file system or a reader takes for something else.
func FileName(name string) string {
	name = path.Base(path.Clean("/" + strings.ReplaceAll(name, `\`, "/")))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`/:*?"<>|`, r) || r == unicode.ReplacementChar {
			return '_'
		}
		return r
	}, name)
	end := path.Ext(name)
	if len(end) > 20 {
		end = ""
	}
	name = strings.TrimSuffix(name, end)
	for len(name)+len(end) > maxFileName {
		_, last := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-last]
	}
	if name = strings.Trim(name, ". ") + strings.TrimRight(end, ". "); name == "" {
		return "file"
	}
	return name
}

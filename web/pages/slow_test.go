package pages_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"testing"
	"time"
)

// A file that comes slowly is taken for as long as it comes: the server's own limit on a request begins anew with every part.
func TestAFileMayComeSlowly(t *testing.T) {
	s := open(t)
	s.hire(t, "root", "admin")
	s.signIn(t, "root")
	s.http.Config.ReadTimeout, s.http.Config.WriteTimeout = 2*time.Second, 2*time.Second // of connections from now on
	s.client.CloseIdleConnections()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	must(must(form.CreateFormFile("file", "langsam.jsonl"))(t).Write([]byte(register("slow-1", "914403001922038216", "慢"))))(t)
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	in, out := io.Pipe()
	go func() {
		for body.Len() > 0 {
			time.Sleep(400 * time.Millisecond) // what is tested is that this takes longer than the limit
			if _, err := out.Write(body.Next(body.Cap()/10 + 1)); err != nil {
				return
			}
		}
		_ = out.Close()
	}()
	r := must(http.NewRequestWithContext(t.Context(), http.MethodPost, s.http.URL+"/import", in))(t)
	r.Header.Set("Content-Type", form.FormDataContentType())
	status, _, page := s.send(r)
	if status != http.StatusOK || !tokenOf.MatchString(page) {
		t.Errorf("status %d: %.500s", status, page)
	}
}

package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Answers to questions are sent compressed to who takes them so: a page is a tenth of its size. What commands are answered is short, and what is
// packed already, or sent event by event, stays as it is.
var compressible = map[string]bool{"text/html": true, "text/css": true, "text/csv": true, "text/javascript": true, "application/json": true, "application/problem+json": true,
	"image/svg+xml": true}

// tooShort is a body that compressing makes hardly shorter.
const tooShort = 1024

// gzips are compressors for use again: each holds some hundred kB. A level beyond takes longer than it saves on a page.
var gzips = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(io.Discard, 4)
	if err != nil {
		panic("web: " + err.Error())
	}
	return z
}}

// compressed compresses what questions are answered.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.Header.Get("Range") != "" || !takesGzip(r.Header.Get("Accept-Encoding")) {
			next.ServeHTTP(w, r)
			return
		}
		c := &compressor{ResponseWriter: w}
		defer c.free()
		next.ServeHTTP(c, r)
		c.end()
	})
}

// takesGzip reads an Accept-Encoding header.
func takesGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, parameters, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		name, weight, weighed := strings.Cut(strings.TrimSpace(parameters), "=")
		if q, err := strconv.ParseFloat(weight, 64); weighed && strings.EqualFold(name, "q") && (err != nil || q <= 0) {
			return false
		}
		return true
	}
	return false
}

// compressor holds an answer's beginning until it is known whether it is worth compressing.
type compressor struct {
	http.ResponseWriter
	status int // that is held; 0: none was said
	begun  bool
	held   bytes.Buffer
	zip    *gzip.Writer // nil: it is sent as it is
}

// Unwrap is for http.ResponseController.
func (c *compressor) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *compressor) WriteHeader(status int) {
	switch {
	case c.begun || status < 200:
		c.ResponseWriter.WriteHeader(status)
	case c.status == 0:
		c.status = status
	}
}

func (c *compressor) Write(p []byte) (int, error) {
	if !c.begun {
		if c.held.Len()+len(p) < tooShort {
			return c.held.Write(p)
		}
		if err := c.begin(true); err != nil {
			return 0, err
		}
	}
	if c.zip != nil {
		return c.zip.Write(p)
	}
	return c.ResponseWriter.Write(p)
}

// begin sends the head, and what was held.
func (c *compressor) begin(long bool) error {
	c.begun = true
	h := c.Header()
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	whole := c.status == 0 || c.status >= 200 && c.status != http.StatusNoContent && c.status != http.StatusNotModified && c.status != http.StatusPartialContent
	if long && whole && err == nil && compressible[kind] && h.Get("Content-Encoding") == "" {
		h.Set("Content-Encoding", "gzip")
		h.Del("Content-Length")
		h.Del("Accept-Ranges")
		c.zip = gzips.Get().(*gzip.Writer)
		c.zip.Reset(c.ResponseWriter)
	}
	if c.status != 0 {
		c.ResponseWriter.WriteHeader(c.status)
	}
	if c.held.Len() == 0 {
		return nil
	}
	if c.zip != nil {
		_, err = c.zip.Write(c.held.Bytes())
		return err
	}
	_, err = c.ResponseWriter.Write(c.held.Bytes())
	return err
}

// FlushError is for http.ResponseController: what was written so far is sent.
func (c *compressor) FlushError() error {
	if !c.begun {
		if err := c.begin(true); err != nil {
			return err
		}
	}
	if c.zip != nil {
		if err := c.zip.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(c.ResponseWriter).Flush()
}

// end sends the rest. A handler that panicked does not come here: its answer must not look whole.
func (c *compressor) end() {
	if !c.begun && (c.status != 0 || c.held.Len() > 0) {
		_ = c.begin(false) // a client that is gone needs no answer
	}
	if c.zip != nil {
		_ = c.zip.Close()
	}
}

// free gives the compressor back.
func (c *compressor) free() {
	if c.zip != nil {
		c.zip.Reset(io.Discard)
		gzips.Put(c.zip)
		c.zip = nil
	}
}

package web_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/wire"
)

// What a batch leaves unread of its body is no danger to the next request on the connection: it once ended the process. The rest comes a moment
// later, so that it is not read by chance with what ended the batch; the next request comes right behind it.
func TestWhatABatchLeavesUnreadHarmsNothing(t *testing.T) {
	h := open(t)
	h.publish()
	head := "POST /v1/commands/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + h.token("li.na", "clerk@investment") + "\r\nContent-Type: application/x-ndjson\r\n"
	next := strings.Repeat("{}\n", 30_000)
	for _, size := range []int{300, 33_000, 100_000} {
		first, rest := strings.Repeat("x", wire.MaxCommandBytes+2)+"\n", strings.Repeat("{}\n", size)
		for name, parts := range map[string][2]string{
			"a length": {fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(first)+len(rest), first), rest},
			"chunks":   {fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(first), first), fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(rest), rest)},
		} {
			conn := must(net.Dial("tcp", h.http.Listener.Addr().String()))(t)
			go func() { // what cannot be sent is not answered
				_, _ = io.WriteString(conn, head+parts[0])
				time.Sleep(100 * time.Millisecond)
				_, _ = fmt.Fprintf(conn, "%s%sConnection: close\r\nContent-Length: %d\r\n\r\n%s", parts[1], head, len(next), next)
			}()
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			answer, err := io.ReadAll(conn)
			_ = conn.Close()
			if text := string(answer); err != nil || strings.Count(text, "HTTP/1.1 200 OK") != 2 || !strings.Contains(text, "line_too_large") {
				t.Errorf("%s, %d bytes behind: it is answered %.300s, %v", name, len(rest), text, err)
			}
		}
	}
}

//go:build unix

package pgserver

import (
	"context"
	"strings"
	"sync"
	"testing"
)

// A server that comes back makes its roles while everybody who waited for it, and its own vacuum, write to the same catalogue.
func TestTheRolesAreMadeBesideOthersWhoMakeThem(t *testing.T) {
	t.Parallel()
	server, err := Start(t.Context(), Config{Dir: t.TempDir(), Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	secrets := map[string]string{owner: "it's", service: strings.Repeat("x", 40)}
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			for range 5 {
				if err := ensureRoles(t.Context(), server.URL(), secrets); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

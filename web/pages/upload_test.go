package pages

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// A file that nobody confirms leaves the machine when its time is over, and every file with the server.
func TestAFileThatIsNotBookedIsRemoved(t *testing.T) {
	root := t.TempDir()
	folder := func(name string) string {
		dir := filepath.Join(root, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	there := func(dir string) bool { _, err := os.Stat(dir); return err == nil }
	forgotten, confirmed, late := folder("forgotten"), folder("confirmed"), folder("late")
	synctest.Test(t, func(t *testing.T) {
		var u uploads
		keep := func(dir string) string {
			token, err := u.keep(&upload{dir: dir, owner: "root"})
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		keep(forgotten)
		time.Sleep(uploadLife / 2)
		token := keep(confirmed)
		if u.take(token, "other") != nil {
			t.Error("somebody else took it")
		}
		if u.take(token, "root") == nil || u.take(token, "root") != nil {
			t.Error("it is not taken once")
		}
		keep(late)
		time.Sleep(uploadLife/2 + time.Second)
		synctest.Wait()
		if there(forgotten) || !there(confirmed) || !there(late) {
			t.Errorf("forgotten %v, confirmed %v, late %v", there(forgotten), there(confirmed), there(late))
		}
		u.close()
		if there(late) {
			t.Error("a file outlived the server")
		}
		if _, err := u.keep(&upload{dir: confirmed}); err == nil {
			t.Error("a closed server keeps a file")
		}
	})
}

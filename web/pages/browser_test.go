package pages_test

import (
	"context"
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axe finds what keeps people with other eyes and hands out of a page: axe-core 4.14.1 of Deque Systems, MPL-2.0,
// https://github.com/dequelabs/axe-core, as published.
//
//go:embed testdata/axe.min.js
var axe string

// patience is how long anything in the browser may take on a busy machine before it counts as stuck.
const patience = 2 * time.Minute

// browser is a real one, without a window.
type browser struct {
	t    testing.TB
	ctx  context.Context
	base string
}

// browse starts the machine's Chromium or Chrome; without one the test fails.
func (s *site) browse(t testing.TB) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal(`there is no browser: install Chromium ("make deps")`)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 900),
		chromedp.WSURLReadTimeout(patience),
		// Where no locale is set, as on a bare machine, Chromium loses a file name beyond ASCII, and a form with such a file is
		// never sent.
		chromedp.Env("LC_ALL=C.UTF-8"))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to sandbox for root
	}
	allocator, end := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(end)
	ctx, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Log(err)
		}
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", path, err)
	}
	return &browser{t: t, ctx: ctx, base: s.http.URL}
}

// tab is one person's window, with cookies of its own. What the browser complains of while it is open is a failure.
type tab struct {
	t    testing.TB
	ctx  context.Context
	base string

	mu       sync.Mutex
	faults   []string
	expected []string // complaints that belong to the test
}

func (b *browser) tab(t testing.TB) *tab {
	t.Helper()
	w := &tab{t: t, base: b.base}
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(w.listen))
	w.ctx = ctx
	t.Cleanup(end)
	w.do(chromedp.Steps())
	w.size(1280, 900)
	t.Cleanup(w.clean)
	return w
}

// listen takes down errors, warnings and what the content security policy stopped.
func (w *tab) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.complain("exception: " + e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			w.complain(fmt.Sprintf("console.%s: %v", e.Type, e.Args))
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError || e.Entry.Level == cdplog.EntryLevelWarning {
			w.complain(fmt.Sprintf("%s %s: %s (%s)", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	}
}

func (w *tab) complain(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, text)
}

// expect says that the browser will complain of something, as it does of every page with an error status.
func (w *tab) expect(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expected = append(w.expected, text)
}

// clean fails the test for every complaint so far that was not expected.
func (w *tab) clean() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, fault := range w.faults {
		known := false
		for _, text := range w.expected {
			known = known || strings.Contains(fault, text)
		}
		if !known {
			w.t.Errorf("the browser complains: %s", fault)
		}
	}
	w.faults = nil
}

func (w *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	// The first step opens the tab, whose life must not end with the time that the step has.
	if chromedp.FromContext(w.ctx).Target == nil {
		ctx = w.ctx
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		where, _ := chromedp.Run(w.ctx, chromedp.Location())
		body, _ := chromedp.Run(w.ctx, chromedp.Evaluate[string](`document.querySelector("main")?.innerText.slice(0, 1500) ?? ""`))
		w.t.Fatalf("at %s: %v\n%s", where, err, body)
	}
}

func ask[T any](w *tab, expression string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("%.200s: %v", expression, err)
	}
	return value
}

func (w *tab) size(width, height int64) {
	w.t.Helper()
	w.do(chromedp.EmulateViewport(width, height))
}

// media makes the system dark or light, and the page printed or shown.
func (w *tab) media(kind, scheme string) {
	w.t.Helper()
	w.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind,
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return err
	}))
}

func (w *tab) visit(path string) {
	w.t.Helper()
	w.do(chromedp.Navigate(w.base + path))
}

// click follows a link or sends a form, and waits for the page that it leads to.
func (w *tab) click(selector string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS(selector)))); err != nil {
		w.t.Fatalf("clicking %s: %v\n%s", selector, err, w.text())
	}
}

func (w *tab) text() string {
	w.t.Helper()
	return ask[string](w, `document.querySelector("main").innerText`)
}

func (w *tab) has(selector string) bool {
	w.t.Helper()
	return ask[bool](w, fmt.Sprintf(`document.querySelector(%q) !== null`, selector))
}

// login signs somebody in as people do.
func (w *tab) login(name string) {
	w.t.Helper()
	w.visit("/login")
	w.do(chromedp.SendKeys(chromedp.ID("name"), name), chromedp.SendKeys(chromedp.ID("password"), password))
	w.click("main form button")
	if at := ask[string](w, `location.pathname`); at != "/" && at != "/overview" { // who has no turn in anything has no desk
		w.t.Fatalf("%s is at %s after signing in: %s", name, at, w.text())
	}
}

// give fills in the form of a command and sends it; where it has a second step, it confirms what is shown.
func (w *tab) give(command string, fields map[string]string) {
	w.t.Helper()
	w.send(command, fields)
	if w.has("section.review") {
		w.click("section.review button:not([name])")
	}
}

// send fills in the form of a command and sends it.
func (w *tab) send(command string, fields map[string]string) {
	w.t.Helper()
	form := `form:has(input[name="command"][value="` + command + `"])`
	w.open(form)
	for name, value := range fields {
		w.do(chromedp.SetValue(chromedp.CSS(form+` [name="`+name+`"]`), value))
	}
	w.click(form + ` button:not([type="button"])`)
}

// open unfolds what an element is folded in.
func (w *tab) open(selector string) {
	w.t.Helper()
	if !w.has(selector) {
		w.t.Fatalf("there is no %s on %s:\n%.2000s", selector, ask[string](w, `location.href`), w.text())
	}
	ask[bool](w, fmt.Sprintf(`(() => { for (let e = document.querySelector(%q); e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true; return true })()`, selector))
}

// done is the position that the page says something was booked at.
func (w *tab) done() string {
	w.t.Helper()
	if !w.has(".alert.good") {
		w.t.Fatalf("nothing was booked on %s:\n%.3000s", ask[string](w, `location.href`), w.text())
	}
	return ask[string](w, `document.querySelector(".alert.good a").textContent`)
}

// overflow names what is wider than the window.
func (w *tab) overflow() []string {
	w.t.Helper()
	return ask[[]string](w, `(() => {
		const root = document.documentElement;
		if (root.scrollWidth <= root.clientWidth) return [];
		const wide = [...document.body.querySelectorAll("*")].filter((e) => {
			if (e.getBoundingClientRect().right <= root.clientWidth + 1) return false;
			for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
				if (["auto", "scroll", "hidden"].includes(getComputedStyle(p).overflowX)) return false;
			return true;
		});
		return wide.slice(0, 5).map((e) => e.tagName + "." + e.className + " " + Math.round(e.getBoundingClientRect().right) + " > " + root.clientWidth).concat("page");
	})()`)
}

// cramped names what a phone cannot be used for without scrolling sideways or aiming: lists that are wider than their place, and what is pressed or
// filled in and is lower than a finger.
func (w *tab) cramped() []string {
	w.t.Helper()
	return ask[[]string](w, `(() => {
		const faults = [], seen = (e) => e.checkVisibility() && e.getBoundingClientRect().width > 1;
		for (const e of document.querySelectorAll("main .scroll:has(table.cards)"))
			if (e.scrollWidth > e.clientWidth + 1) faults.push("a list is " + e.scrollWidth + " wide, in " + e.clientWidth);
		const pressed = "button, .button, summary, header nav a, .own dd a, .pager a, .exports a, .views a, .presets a, select, textarea, input:not([type=hidden], [type=radio], [type=checkbox]), form.together .tick input";
		for (const e of document.querySelectorAll(pressed))
			if (seen(e) && e.getBoundingClientRect().height < 43.5 && !e.closest("article.paper"))
				faults.push(Math.round(e.getBoundingClientRect().height) + " high: " + e.outerHTML.slice(0, 120));
		return faults.slice(0, 5);
	})()`)
}

// violation is what axe finds.
type violation struct {
	ID, Impact, Help string
	Nodes            []string
}

// barriers are the serious and critical findings of axe.
func (w *tab) barriers() []violation {
	w.t.Helper()
	w.do(chromedp.Evaluate[chromedp.Void](axe + ";0"))
	return ask[[]violation](w, `axe.run(document, {resultTypes: ["violations"]}).then((r) => r.violations
		.filter((v) => v.impact === "serious" || v.impact === "critical")
		.map((v) => ({ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " " + (n.failureSummary ?? "").slice(0, 300))})))`)
}

var notFile = regexp.MustCompile(`[^a-z0-9]+`)

// shoot keeps a picture of the whole page where FUNDLEDGER_SCREENSHOTS names a folder, for people to look at.
func (w *tab) shoot(name string) {
	w.t.Helper()
	dir := os.Getenv("FUNDLEDGER_SCREENSHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, notFile.ReplaceAllString(strings.ToLower(name), "-")+".png"), picture, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// with puts parameters into an address.
func with(path string, parameters ...string) string {
	u, _ := url.Parse(path)
	q := u.Query()
	for i := 0; i+1 < len(parameters); i += 2 {
		q.Set(parameters[i], parameters[i+1])
	}
	u.RawQuery = q.Encode()
	return u.String()
}

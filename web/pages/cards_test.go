package pages

import (
	"strings"
	"testing"
)

// On a phone a value stands under its name: each cell says its head, whatever the head holds and however a row is made.
func TestACellSaysItsHead(t *testing.T) {
	const heads = `<thead><tr><th>A</th><th class="n"><a class="sort" href="/x?a=1&amp;b=2">B &amp; "b"</a></th><th>C</th><th></th></tr></thead>`
	for name, c := range map[string]struct{ table, want string }{
		"a row":          {`<table>` + heads + `<tr><td>1</td><td class="n">2</td><td>3</td><td>4</td></tr></table>`, `<tr><td data-label="A">1</td><td data-label="B &amp; &#34;b&#34;" class="n">2</td><td data-label="C">3</td><td>4</td></tr>`},
		"a row's head":   {`<table>` + heads + `<tr><th scope="row">1</th><td>2</td></tr></table>`, `<tr><th data-label="A" scope="row">1</th><td data-label="B &amp; &#34;b&#34;">2</td></tr>`},
		"what spans":     {`<table>` + heads + `<tr><td colspan="2">1</td><td>3</td></tr></table>`, `<tr><td colspan="2">1</td><td data-label="C">3</td></tr>`},
		"what is empty":  {"<table>" + heads + "<tr><td>\n  </td><td> x </td></tr></table>", `<tr><td data-label="A"></td><td data-label="B &amp; &#34;b&#34;"> x </td></tr>`},
		"a link":         {"<table>" + heads + "<tr><td>\n <a href=\"/y\">1</a></td></tr></table>", `<td data-label="A"><a href="/y">1</a></td>`},
		"a class":        {`<table class="grid">` + heads + `<tr><td>1</td></tr></table>`, `<table class="cards grid"><thead>`},
		"an id":          {`<table id="kinds">` + heads + `<tr><td>1</td></tr></table>`, `<table class="cards" id="kinds"><thead>`},
		"more cells":     {`<table>` + heads + `<tr><td>1</td><td>2</td><td>3</td><td>4</td><td>5</td></tr></table>`, `<td>4</td><td>5</td></tr>`},
		"behind":         {`<table>` + heads + `<tr><td>1</td></tr></table><p>a < b</p>`, `</table><p>a < b</p>`},
		"two":            {`<table>` + heads + `<tr><td>1</td></tr></table><table>` + heads + `<tr><td>7</td></tr></table>`, `<td data-label="A">7</td>`},
		"no heads":       {`<table><tr><td>1</td></tr></table>`, `<table><tr><td>1</td></tr></table>`},
		"narrow":         {`<table><thead><tr><th>A</th><th>B</th></tr></thead><tr><td>1</td></tr></table>`, `<tr><td>1</td></tr>`},
		"two states":     {`<table class="diff">` + heads + `<tr><td>1</td></tr></table>`, `<table class="diff"><thead>`},
		"paper":          {`<article class="paper letter"><table>` + heads + `<tr><td>1</td></tr></table>`, `<tr><td>1</td></tr>`},
		"cut short":      {`<table>` + heads + `<tr><td>1`, `<tr><td>1`},
		"cut in a tag":   {`<table>` + heads + `<tr><td`, `<tr><td`},
		"nothing behind": {`<table><thead><tr><th>A</th></tr></thead></table>`, `</thead></table>`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(labelled([]byte(c.table))); !strings.Contains(got, c.want) {
				t.Errorf("%s\nis %s\nand does not hold %s", c.table, got, c.want)
			}
		})
	}
}

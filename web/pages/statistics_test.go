package pages_test

import (
	"html"
	"regexp"
	"strings"
	"testing"
)

// Statistics are grouped on their page by what is ticked, have the columns that say something, and each figure opens the postings that it is made of.
func TestAFigureOfStatisticsOpensItsPostings(t *testing.T) {
	s := open(t)
	status, body := s.get("/lists/statistics?measure=paid&by=clause&by=quarter&lang=zh")
	if status != 200 || strings.Count(body, " checked") != 2 || !regexp.MustCompile(`value="quarter" checked`).MatchString(body) {
		t.Fatalf("status %d, %d columns are ticked", status, strings.Count(body, " checked"))
	}
	heads := body[strings.Index(body, "<thead>"):strings.Index(body, "</thead>")]
	if strings.Contains(heads, "预算年度") || !strings.Contains(heads, "季度") || strings.Contains(heads, "申请件数") {
		t.Errorf("its columns are %s", plainly(heads))
	}
	figures := regexp.MustCompile(`<a href="(/journal\?[^"]*)">([0-9,]+\.[0-9]{2})</a>`).FindAllStringSubmatch(body, -1)
	if len(figures) < 10 {
		t.Fatalf("%d figures lead to their postings", len(figures))
	}
	for _, f := range figures[:5] {
		status, postings := s.get(html.UnescapeString(f[1]) + "&lang=zh")
		if status != 200 || !strings.Contains(postings, "<b>"+f[2]+"</b>") {
			t.Errorf("%s is opened as %d, which does not come to it: %s", f[2], status, saidOn(postings))
		}
	}
	_, sizes := s.get("/lists/statistics?measure=paid&by=clause&lang=zh")
	if bars := regexp.MustCompile(`<rect class="now" width="([0-9.]+)%"`).FindAllStringSubmatch(sizes, -1); len(bars) < 5 || !strings.Contains(sizes, `width="100%" height="9"/>`) ||
		len(bars) != strings.Count(sizes, `<a href="/journal?`)/3 {
		t.Errorf("%d bars, %d figures open their postings", len(bars), strings.Count(sizes, `<a href="/journal?`))
	}
	if status, body := s.get("/lists/statistics?measure=paid&by=clause&by=quarter&by=month&by=policy&lang=zh"); status != 400 || !strings.Contains(body, "至多 3 个") {
		t.Errorf("four columns: status %d", status)
	}
	if _, body := s.as(t, "fen", "analyst").get("/lists/statistics?measure=paid&by=industry&by=quarter&lang=zh"); strings.Contains(body, "超过 0") ||
		!strings.Contains(body, "企业少于五家") {
		t.Errorf("an analyst is told of a length that is not for them: %s", saidOn(body))
	}
}

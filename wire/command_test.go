package wire_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/wire"
)

// sample is a command with every field filled; a policy's hash is the right one.
func sample(t testing.TB, c domain.Command) domain.Command {
	t.Helper()
	full(c)
	if publish, ok := c.(*domain.PublishPolicy); ok {
		hash, err := wire.PolicyHash(&publish.Policy)
		if err != nil {
			t.Fatal(err)
		}
		publish.Hash = hash
	}
	return c
}

func encode(t testing.TB, c domain.Command) []byte {
	t.Helper()
	text, err := wire.EncodeCommand(c)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestEveryCommandIsReadAsItWasWritten(t *testing.T) {
	for _, v := range domain.Verbs {
		c := sample(t, v.New())
		text := encode(t, c)
		if !bytes.HasPrefix(text, []byte(`{"command":"`+c.Name()+`",`)) {
			t.Errorf("%s is written as %s", c.Name(), text)
		}
		back, r := wire.DecodeCommand(text)
		if v.Local {
			if r == nil || r.Code != domain.CodeCommandLineOnly {
				t.Errorf("%s is read from JSON: %v", c.Name(), r)
			}
			continue
		}
		if r != nil {
			t.Errorf("%s: %v", c.Name(), r)
			continue
		}
		equal(t, c, back)
		if wire.CommandID(text) != string(c.Given().ID) {
			t.Errorf("%s: the id is made out as %q", c.Name(), wire.CommandID(text))
		}
	}
}

func TestEveryCommandIsReadWhenOnlyItsNameIsGiven(t *testing.T) {
	for _, v := range domain.Verbs {
		name := v.New().Name()
		if _, r := wire.DecodeCommand([]byte(`{"command":"` + name + `"}`)); (r != nil) != v.Local {
			t.Errorf("%s: %v", name, r)
		}
	}
}

const payout = `{"command":"make_payout","id":"c","date":"2025-03-01","actor":{"id":"li","role":"treasurer"},"payout":"P","application":"A","support_year":2025,"amount":"1.00"}`

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"m%d":1`, i)
	}
	return b.String()
}

func TestWhatIsNotACommandIsRefusedWithTheFieldAtFault(t *testing.T) {
	swap := func(old, with string) string { return strings.Replace(payout, old, with, 1) }
	for name, c := range map[string]struct{ text, code, field string }{
		"amount as number":     {swap(`"1.00"`, `1.00`), "field_invalid", "amount"},
		"amount as number 2":   {swap(`"1.00"`, `1e3`), "field_invalid", "amount"},
		"separators":           {swap(`"amount":"1.00"`, `"amount":"1,000.00"`), "amount_malformed", "amount"},
		"amount in exponents":  {swap(`"1.00"`, `"1e3"`), "amount_malformed", "amount"},
		"three decimals":       {swap(`"1.00"`, `"1.001"`), "amount_too_precise", "amount"},
		"negative":             {swap(`"1.00"`, `"-1.00"`), "amount_negative", "amount"},
		"too large":            {swap(`"1.00"`, `"1000000000000.00"`), "amount_too_large", "amount"},
		"NaN":                  {swap(`"1.00"`, `"NaN"`), "amount_malformed", "amount"},
		"full-width digits":    {swap(`"1.00"`, "\"\uff11.00\""), "amount_malformed", "amount"},
		"unknown member":       {swap(`"payout"`, `"payuot"`), "field_unknown", "payuot"},
		"unknown in actor":     {swap(`"role"`, `"rolle"`), "field_unknown", "actor.rolle"},
		"member of other case": {swap(`"payout"`, `"Payout"`), "field_unknown", "Payout"},
		"year as text":         {swap(`2025,`, `"2025",`), "field_invalid", "support_year"},
		"year with fraction":   {swap(`2025,`, `2025.5,`), "field_invalid", "support_year"},
		"year below zero":      {swap(`2025,`, `-1,`), "field_invalid", "support_year"},
		"year too large":       {swap(`2025,`, `70000,`), "field_invalid", "support_year"},
		"no such day":          {swap(`2025-03-01`, `2025-02-30`), "field_invalid", "date"},
		"date with time":       {swap(`2025-03-01`, `2025-03-01T00:00:00Z`), "field_invalid", "date"},
		"empty date":           {swap(`2025-03-01`, ``), "field_invalid", "date"},
		"actor as text":        {swap(`{"id":"li","role":"treasurer"}`, `"li"`), "field_invalid", "actor"},
		"id as number":         {swap(`"id":"c"`, `"id":7`), "field_invalid", "id"},
		"command as number":    {swap(`"make_payout"`, `7`), "field_invalid", "command"},
		"no command":           {swap(`"command":"make_payout",`, ``), "field_missing", ""},
		"unknown command":      {swap(`make_payout`, `burn_money`), "command_unknown", ""},
		"member twice":         {swap(`"id":"c"`, `"id":"c","id":"d"`), "command_malformed", ""},
		"member twice, escape": {swap(`"id":"c"`, `"id":"c","\u0069d":"d"`), "command_malformed", ""},
		"twice inside":         {swap(`"id":"li"`, `"id":"li","id":"wu"`), "command_malformed", ""},
		"command twice":        {swap(`"id":"c"`, `"id":"c","command":"make_payout"`), "command_malformed", ""},
		"trailing data":        {payout + `{}`, "command_malformed", ""},
		"trailing text":        {payout + ` x`, "command_malformed", ""},
		"bad UTF-8":            {swap(`"P"`, "\"\xb5\xe7\""), "command_malformed", ""},
		"lone surrogate":       {swap(`"P"`, `"\ud800"`), "command_malformed", ""},
		"control character":    {swap(`"P"`, "\"a\x01\""), "command_malformed", ""},
		"cut short":            {payout[:60], "command_malformed", ""},
		"empty":                {``, "command_malformed", ""},
		"blank":                {` `, "command_malformed", ""},
		"null":                 {`null`, "command_malformed", ""},
		"list":                 {`[` + payout + `]`, "command_malformed", ""},
		"text":                 {`"make_payout"`, "command_malformed", ""},
		"comment":              {payout + ` // paid`, "command_malformed", ""},
		"trailing comma":       {swap(`"1.00"}`, `"1.00",}`), "command_malformed", ""},
		"byte-order mark":      {"\ufeff" + payout, "command_malformed", ""},
		"deep":                 {swap(`"P"`, strings.Repeat(`[`, 20_000)+strings.Repeat(`]`, 20_000)), "command_malformed", ""},
		"deep, below limit":    {swap(`"P"`, strings.Repeat(`[`, 900)+strings.Repeat(`]`, 900)), "field_invalid", "payout"},
		"exponent beyond all":  {swap(`2025,`, `1e999999999,`), "field_invalid", "support_year"},
		"small beyond all":     {swap(`2025,`, `1e-999999999,`), "field_invalid", "support_year"},
		"a million digits":     {swap(`2025,`, strings.Repeat("9", 1_000_000)+`,`), "field_invalid", "support_year"},
		"amount of a million":  {swap(`"1.00"`, `"`+strings.Repeat("9", 1_000_000)+`.00"`), "amount_too_large", "amount"},
		"decimals, a million":  {swap(`"1.00"`, `"1.`+strings.Repeat("0", 1_000_000)+`1"`), "amount_too_precise", "amount"},
		"100,000 members":      {swap(`"id":"c"`, `"id":"c"`+manyMembers(100_000)), "field_unknown", "m0"},
		"too long":             {swap(`"P"`, `"`+strings.Repeat("x", wire.MaxCommandBytes)+`"`), "command_malformed", ""},
	} {
		t.Run(name, func(t *testing.T) {
			command, r := wire.DecodeCommand([]byte(c.text))
			if r == nil {
				t.Fatalf("read as %+v", command)
			}
			if r.Code != c.code || c.field != "" && r.Figures["field"] != c.field {
				t.Errorf("refused as %s %v, want %s %s", r.Code, r.Figures, c.code, c.field)
			}
			if command != nil {
				t.Error("a refused text gave a command too")
			}
			if m := r.Message(); m.ZH == "" || m.EN == "" || strings.Contains(m.ZH+m.EN, "–") {
				t.Errorf("the message is not whole: %+v", m)
			}
		})
	}
}

func TestNullIsAsIfLeftOut(t *testing.T) {
	for _, member := range []string{`"amount":"1.00"`, `"payout":"P"`, `"support_year":2025`, `"actor":{"id":"li","role":"treasurer"}`} {
		name, _, _ := strings.Cut(member, ":")
		c, r := wire.DecodeCommand([]byte(strings.Replace(payout, member, name+":null", 1)))
		if r != nil {
			t.Fatal(r)
		}
		full, _ := wire.DecodeCommand([]byte(payout))
		if bytes.Equal(encode(t, c), encode(t, full)) {
			t.Errorf("%s is there though it was null", name)
		}
	}
}

func TestAnAmendmentTellsNullFromNothing(t *testing.T) {
	given := func(text string) domain.NewCap {
		c, r := wire.DecodeCommand([]byte(text))
		if r != nil {
			t.Fatal(r)
		}
		again, r := wire.DecodeCommand(encode(t, c))
		if r != nil {
			t.Fatal(r)
		}
		return again.(*domain.AmendClause).Cap
	}
	if c := given(`{"command":"amend_clause","cap":null}`); !c.Given || c.Stated {
		t.Errorf("null is read back as %+v", c)
	}
	if c := given(`{"command":"amend_clause"}`); c.Given {
		t.Errorf("nothing is read back as %+v: a cap would be lifted by mistake", c)
	}
}

func TestTheHashOfACommandIsOfItsContent(t *testing.T) {
	for _, v := range domain.Verbs {
		c := sample(t, v.New())
		want, err := wire.HashCommand(c)
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(5) {
			if v.Local {
				break // nothing reads it
			}
			text := shuffled(t, encode(t, c), rand.New(rand.NewPCG(seed, 1)))
			again, r := wire.DecodeCommand(text)
			if r != nil {
				t.Fatalf("%s: %v", text, r)
			}
			if got, err := wire.HashCommand(again); err != nil || got != want {
				t.Errorf("%s has another hash when its members stand in another order", c.Name())
			}
		}
	}
}

// shuffled writes a JSON text with its members in any order, and white space.
func shuffled(t *testing.T, text []byte, r *rand.Rand) []byte {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return []byte(write(v, r))
}

func write(v any, r *rand.Rand) string {
	space := strings.Repeat(" ", r.IntN(3)) + strings.Repeat("\n\t", r.IntN(2))
	var parts []string
	switch v := v.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		for _, k := range keys {
			parts = append(parts, fmt.Sprintf("%q%s:%s%s", k, space, space, write(v[k], r)))
		}
		return "{" + space + strings.Join(parts, space+","+space) + space + "}"
	case []any:
		for _, item := range v {
			parts = append(parts, write(item, r))
		}
		return "[" + space + strings.Join(parts, ","+space) + "]"
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestHashesDifferWhereContentDoes(t *testing.T) {
	seen := map[string]string{}
	for _, text := range []string{payout, strings.Replace(payout, "1.00", "1.01", 1), strings.Replace(payout, `"li"`, `"wu"`, 1), strings.Replace(payout, `"c"`, `"d"`, 1),
		strings.Replace(payout, "make_payout", "book_payout", 1), strings.Replace(payout, "2025-03-01", "2025-03-02", 1)} {
		c, r := wire.DecodeCommand([]byte(text))
		if r != nil {
			t.Fatal(r)
		}
		hash, err := wire.HashCommand(c)
		if err != nil || len(hash) != 64 {
			t.Fatal(hash, err)
		}
		if before, twice := seen[hash]; twice {
			t.Errorf("the same hash for\n%s\n%s", before, text)
		}
		seen[hash] = text
	}
}

func TestAnAmountIsTheSameHoweverItsZerosAreWritten(t *testing.T) {
	a, _ := wire.DecodeCommand([]byte(payout))
	b, r := wire.DecodeCommand([]byte(strings.Replace(payout, "1.00", "1", 1)))
	if r != nil || !bytes.Equal(encode(t, a), encode(t, b)) {
		t.Errorf("1 and 1.00 are two commands: %v", r)
	}
}

func TestAPolicyIsSealedWithItsHash(t *testing.T) {
	c := sample(t, new(domain.PublishPolicy)).(*domain.PublishPolicy)
	hash := c.Hash
	c.Hash = ""
	back, r := wire.DecodeCommand(encode(t, c))
	if r != nil || back.(*domain.PublishPolicy).Hash != hash {
		t.Errorf("sealed with %+v, %v", back, r)
	}
	c.Hash = "sha256:" + strings.Repeat("0", 64)
	if _, r := wire.DecodeCommand(encode(t, c)); r == nil || r.Figures["field"] != "hash" {
		t.Errorf("a policy under another policy's hash is answered with %v", r)
	}
}

func ExampleDecodeCommand() {
	c, refusal := wire.DecodeCommand([]byte(`{"id": "2025-0001", "command": "make_payout", "date": "2025-03-01",
		"actor": {"id": "li.na", "role": "treasurer", "department": "finance"},
		"payout": "P-1", "application": "A-1", "support_year": 2025, "amount": "1800000", "voucher": "V-17"}`))
	if refusal != nil {
		fmt.Println(refusal)
		return
	}
	text, err := wire.EncodeCommand(c)
	fmt.Println(string(text), err)

	_, refusal = wire.DecodeCommand([]byte(`{"command": "make_payout", "amount": 1800000}`))
	fmt.Println(refusal.Code, refusal.Figures["field"])
	// Output:
	// {"command":"make_payout","id":"2025-0001","date":"2025-03-01","actor":{"id":"li.na","role":"treasurer","department":"finance"},"payout":"P-1","application":"A-1","support_year":2025,"amount":"1800000.00","voucher":"V-17"} <nil>
	// field_invalid amount
}

func FuzzDecodeCommand(f *testing.F) {
	for _, v := range domain.Verbs {
		f.Add(encode(f, sample(f, v.New())))
		f.Add([]byte(`{"command":"` + v.New().Name() + `"}`))
	}
	f.Add([]byte(payout))
	f.Fuzz(func(t *testing.T, text []byte) {
		wire.CommandID(text)
		c, r := wire.DecodeCommand(text)
		if (c == nil) == (r == nil) {
			t.Fatalf("command %v, refusal %v", c, r)
		}
		if r != nil {
			if m := r.Message(); m.ZH == "" || m.EN == "" {
				t.Errorf("a refusal without words: %+v", r)
			}
			return
		}
		canonical := encode(t, c)
		again, r := wire.DecodeCommand(canonical)
		if r != nil {
			t.Fatalf("%s cannot be read again: %v", canonical, r)
		}
		if got := encode(t, again); !bytes.Equal(canonical, got) {
			t.Errorf("not the same again:\n%s\n%s", canonical, got)
		}
	})
}

func TestALineOfAnImportHasTheIdOfAnEarlierRelease(t *testing.T) {
	command, refusal := wire.DecodeCommand([]byte(payout))
	if refusal != nil {
		t.Fatal(refusal)
	}
	for _, former := range []domain.CommandID{"", "pay-1", `收"款\\u0041`, "\u2028"} {
		line, err := wire.EncodeLine(command, former)
		if err != nil {
			t.Fatal(err)
		}
		got, rest := wire.CutFormerly(line)
		again, refusal := wire.DecodeCommand(rest)
		if got != former || refusal != nil || again.Given().ID != command.Given().ID {
			t.Errorf("%q came back as %q: %s, %v", former, got, rest, refusal)
		}
	}
}

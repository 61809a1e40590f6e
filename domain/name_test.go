package domain

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSpellingsOfOneKeyAreOne(t *testing.T) {
	for _, group := range [][]string{
		{"P1", "p1", "ｐ1", "p 1", "P　1", "Ｐ１", "p\u00a01", "p\u20031", "p\u200b1", "p\u00ad1", "p\u28001", "P\ufe0f1"},
		{"li", "LI", "ＬＩ", "lI", "l i"},
		{"智慧工厂一期", "智慧工厂 一期", "智慧工厂　一期", "智慧工厂\u3164一期"},
		{"straße", "STRASSE", "strasse"},
		{"café", "cafe\u0301", "CAFÉ"},
		{"Å", "Å", "å"},
		{"2025①", "20251"},
	} {
		for _, one := range group[1:] {
			if Key(one) != Key(group[0]) {
				t.Errorf("%q has the key %q, %q has %q", group[0], Key(group[0]), one, Key(one))
			}
		}
	}
	for _, pair := range [][2]string{{"P1", "P2"}, {"P1", "P-1"}, {"智慧工厂一期", "智慧工厂二期"}, {"li", "lі" /* Cyrillic */}, {"智慧工厂一期", "智慧工厂壹期"}} {
		if Key(pair[0]) == Key(pair[1]) {
			t.Errorf("%q and %q have one key", pair[0], pair[1])
		}
	}
}

func TestAKeyIsItsOwnKey(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.String().Draw(rt, "text")
		if key := Key(text); Key(key) != key {
			rt.Fatalf("%q has the key %q, which has the key %q", text, key, Key(key))
		}
	})
}

func TestNamesThatLookAlikeHaveOneSkeleton(t *testing.T) {
	for _, group := range [][]string{
		{"智慧工厂一期", "智慧工厂壹期", "智慧工厂1期", "智慧工厂１期", "智慧工厂第一期", "智慧工厂(一期)", "智慧工厂①期", "智慧工厂Ⅰ期", "智慧工厂-一期", "智慧工厂I期"},
		{"智慧工厂二期", "智慧工厂Ⅱ期", "智慧工厂第二期", "智慧工厂II期", "智慧工厂贰期", "智慧工厂02期", "智慧工厂（二期）", "智慧工厂·第Ⅱ期"},
		{"中心十二期", "中心12期", "中心拾贰期", "中心Ⅻ期"},
		{"中心二十期", "中心20期"},
		{"中心二十一期", "中心21期"},
		{"Smart Plant Phase 2", "smart plant phase II", "Smart-Plant, Phase Ⅱ"},
		{"P1", "Р1" /* Cyrillic */, "P-1", "PI", "Pl"},
		{"AI平台", "АI平台" /* Cyrillic */, "A.I.平台", "AI-平台", "ΑΙ平台" /* Greek */},
		{"P0", "PO", "Po"},
		{"modern", "rnodern"},
	} {
		for _, one := range group[1:] {
			if Skeleton(one) != Skeleton(group[0]) {
				t.Errorf("%q looks like %q, %q like %q", group[0], Skeleton(group[0]), one, Skeleton(one))
			}
		}
	}
	for _, pair := range [][2]string{{"智慧工厂一期", "智慧工厂二期"}, {"智慧工厂一期", "智慧工厂十一期"}, {"中心2期1", "中心21期"}, {"P1", "P2"}, {"P11", "P12"},
		{"智慧工厂", "智慧工厂一期"}, {"二期厂房一期", "一期厂房二期"}} {
		if Skeleton(pair[0]) == Skeleton(pair[1]) {
			t.Errorf("%q and %q have one skeleton", pair[0], pair[1])
		}
	}
}

func TestThePhasesOfAProjectHaveOneBase(t *testing.T) {
	for name, want := range map[string]string{"智慧工厂一期": "1", "智慧工厂 第二期": "2", "智慧工厂三期": "3", "智慧工厂（Ⅳ期）": "4", "智慧工厂第10期": "10", "智慧工厂": ""} {
		base, phase := PhaseOf(name)
		if want0, _ := PhaseOf("智慧工厂"); phase != want || base != want0 {
			t.Errorf("%s is phase %q of %q, not %q of %q", name, phase, base, want, want0)
		}
	}
}

// A skeleton is coarser than a key: what is one thing looks alike.
func TestOneKeyHasOneSkeleton(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("ABiIlL10 期第二一壹十-（）РeЅ　ｐ"))).Draw(rt, "text")
		if Skeleton(text) != Skeleton(Key(text)) {
			rt.Fatalf("%q looks like %q, its key like %q", text, Skeleton(text), Skeleton(Key(text)))
		}
	})
}

package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/eventstore"
)

// SavedView is a list as a person narrowed and sorted it, under a name of theirs. Its address is all of it, so that it may be sent to somebody else.
type SavedView struct {
	Name string `json:"name"`
	At   string `json:"at"` // the page's path with its parameters
}

// Page is the path of the list.
func (v SavedView) Page() string {
	path, _, _ := strings.Cut(v.At, "?")
	return path
}

const (
	maxViews      = 50
	maxViewName   = 60 // signs
	maxViewAt     = 2000
	viewsPatience = 500 * time.Millisecond
)

// SavedViews are a viewer's own, in the order of their names; none while the log's servers are away, for a list is shown without them.
func (s *Server) SavedViews(ctx context.Context, v Viewer) []SavedView {
	return ownList[SavedView](ctx, s, accounts.ViewsOn, v)
}

// ownList is what a viewer keeps of a kind; nothing while the log's servers are away, for a page is shown without it.
func ownList[T any](ctx context.Context, s *Server, on string, v Viewer) []T {
	if s.cfg.Users.Shelf().Away() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, viewsPatience)
	defer cancel()
	list, _, err := readOwn[T](ctx, s, on, v.ID)
	if err != nil {
		s.cfg.Logger.Debug("reading what a person keeps", "on", on, "person", v.ID, "error", err)
	}
	return list
}

func readOwn[T any](ctx context.Context, s *Server, on string, person domain.PersonID) (list []T, was eventstore.Revision, err error) {
	text, was, err := s.cfg.Users.Shelf().Get(ctx, accounts.ShelvedFor(on, person))
	if errors.Is(err, eventstore.ErrNotFound) {
		return nil, was, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	return list, was, err
}

// SaveView keeps a list's address under a name; one of the same name is replaced.
func (s *Server) SaveView(ctx context.Context, v Viewer, view SavedView) error {
	view.Name = strings.TrimSpace(view.Name)
	at, err := url.Parse(view.At)
	switch {
	case view.Name == "" || !utf8.ValidString(view.Name) || utf8.RuneCountInString(view.Name) > maxViewName || strings.ContainsFunc(view.Name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return invalid("name", view.Name, domain.Text{ZH: "须为不超过 60 字的普通文字", EN: "up to 60 signs of plain text"})
	case err != nil || Local(view.At) != view.At || len(view.At) > maxViewAt:
		return invalid("at", view.At, domain.Text{ZH: "须为本站清单的地址", EN: "the address of a list of this site"})
	}
	q := at.Query()
	q.Del("cursor")
	q.Del("done")
	at.RawQuery = q.Encode()
	view.At = at.String()
	return s.changeViews(ctx, v, func(list []SavedView) ([]SavedView, error) {
		list = slices.DeleteFunc(list, func(o SavedView) bool { return o.Name == view.Name && o.Page() == view.Page() })
		if len(list) >= maxViews {
			return nil, problem(http.StatusBadRequest, "views_too_many", "limit", maxViews)
		}
		return append(list, view), nil
	})
}

// ForgetView takes a view away; one that is not there is no fault.
func (s *Server) ForgetView(ctx context.Context, v Viewer, view SavedView) error {
	return s.changeViews(ctx, v, func(list []SavedView) ([]SavedView, error) {
		return slices.DeleteFunc(list, func(o SavedView) bool { return o == view }), nil
	})
}

// changeViews changes a person's views.
func (s *Server) changeViews(ctx context.Context, v Viewer, change func([]SavedView) ([]SavedView, error)) error {
	return changeOwn(ctx, s, accounts.ViewsOn, v, func(list []SavedView) ([]SavedView, error) {
		list, err := change(list)
		slices.SortFunc(list, func(a, b SavedView) int { return strings.Compare(a.Name, b.Name) })
		return list, err
	})
}

// changeOwn changes what a person keeps of a kind, again where they changed it elsewhere at the same moment.
func changeOwn[T any](ctx context.Context, s *Server, on string, v Viewer, change func([]T) ([]T, error)) error {
	ctx, cancel := context.WithTimeout(ctx, shelfWait)
	defer cancel()
	for {
		list, was, err := readOwn[T](ctx, s, on, v.ID)
		if err != nil {
			return err
		}
		if list, err = change(list); err != nil {
			return err
		}
		text, err := json.Marshal(list, json.Deterministic(true))
		if err != nil {
			return err
		}
		if err = s.cfg.Users.Shelf().Swap(ctx, accounts.ShelvedFor(on, v.ID), text, was, 0); !errors.Is(err, eventstore.ErrOutOfTurn) {
			return err
		}
	}
}

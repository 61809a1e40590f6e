package sampling

import (
	"crypto/sha256"
	"encoding/binary"
	"math/big"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/domain"
)

// Item is something that can be drawn: a payout and what it is worth.
type Item struct {
	ID          string              `json:"id"`
	Seq         uint64              `json:"seq"`
	Enterprise  domain.EnterpriseID `json:"enterprise"`
	Clause      domain.ClauseID     `json:"clause"`
	SupportYear domain.SupportYear  `json:"support_year"`
	Department  domain.DepartmentID `json:"department"` // that approved it; of one booked outside any approval "" or whom it names
	Amount      domain.Money        `json:"amount"`
}

// Drawn is an item that was drawn, and how often: an item larger than the interval is always drawn.
type Drawn struct {
	Item
	Hits int          `json:"hits"`
	Upto domain.Money `json:"cumulative"` // the sum of all items up to and with this one
}

// Sample is a monetary-unit sample: one unit in so many of all money paid is looked at, and with it the payout that it is part of, so that
// large payouts are drawn for sure and none is safe. It is systematic: the k-th unit drawn is start + k × interval. Start is taken
// from the seed, a checkpoint's root, which nobody could choose. The same seed and items give the same sample, for ever.
type Sample struct {
	Seed       tlog.Hash    `json:"seed"`
	Asked      int          `json:"asked"`
	Population int          `json:"population"`
	Total      domain.Money `json:"total"`
	Interval   domain.Money `json:"interval"` // rounded down to 0.01; the exact one is total ÷ asked
	Start      domain.Money `json:"start"`
	Items      []Drawn      `json:"items"`
}

// Draw takes a monetary-unit sample of n units from items in their order. Items of no amount or less are left out.
func Draw(items []Item, n int, seed tlog.Hash) Sample {
	s := Sample{Seed: seed, Asked: n}
	total := int64(0)
	for _, item := range items {
		if item.Amount.Positive() {
			total += item.Amount.Fen()
			s.Population++
		}
	}
	s.Total = domain.Fen(total)
	if n <= 0 || total == 0 {
		return s
	}
	n = int(min(int64(n), total))
	interval := total / int64(n)
	start := below(seed, interval)
	s.Interval, s.Start = domain.Fen(interval), domain.Fen(start)
	// The k-th unit is start + floor(k × total ÷ n): exact for totals that n does not divide.
	unit := func(k int) int64 {
		at := new(big.Int).Mul(big.NewInt(int64(k)), big.NewInt(total))
		return start + at.Div(at, big.NewInt(int64(n))).Int64()
	}
	k, sum := 0, int64(0)
	for _, item := range items {
		if !item.Amount.Positive() {
			continue
		}
		sum += item.Amount.Fen()
		hits := 0
		for ; k < n && unit(k) < sum; k++ {
			hits++
		}
		if hits > 0 {
			s.Items = append(s.Items, Drawn{Item: item, Hits: hits, Upto: domain.Fen(sum)})
		}
	}
	return s
}

// below is a number from 0 to n − 1 that the seed decides: SHA-256 of a label, the seed and a counter, as an integer, of which
// those that would favour small numbers are thrown away.
func below(seed tlog.Hash, n int64) int64 {
	limit := ^uint64(0) - ^uint64(0)%uint64(n)
	for counter := uint64(0); ; counter++ {
		text := append([]byte("fundledger-sample-1"), seed[:]...)
		digest := sha256.Sum256(binary.BigEndian.AppendUint64(text, counter))
		if x := binary.BigEndian.Uint64(digest[:]); x < limit {
			return int64(x % uint64(n))
		}
	}
}

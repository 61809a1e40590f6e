package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/fundledger/fundledger/archive"
	"github.com/fundledger/fundledger/domain"
	"github.com/fundledger/fundledger/internal/whole"
)

// clock tells the time: this machine's, or that of a sample which is ahead of it, by whole days where demo --until set it. It goes on as the machine's does.
type clock struct{ lead time.Duration }

func (c clock) now() time.Time { return time.Now().Add(c.by()) }

// today is the date in Shanghai.
func (c clock) today() domain.Date { return domain.DateIn(c.now(), domain.Shanghai) }

func (c clock) ahead() bool { return c.lead > 0 }

func (c clock) by() time.Duration { return c.lead }

// reaching is the clock that shows a day now, where that lies ahead.
func reaching(day domain.Date) clock {
	ahead := day.Time(time.UTC).Sub(clock{}.today().Time(time.UTC))
	return clock{lead: max(ahead, 0)}
}

// clockFile is where a data folder keeps that its clock is a sample's: by how many days it is ahead, or by how long, such as 743h30m. It is
// written before the first event and stays, and whoever works on the folder goes by it: what was recorded when is told by the same clock.
const clockFile = "clock"

const aDay = 24 * time.Hour

// clockOf is the clock of a data folder.
func clockOf(dir string) (clock, error) {
	text, err := os.ReadFile(filepath.Join(dir, clockFile))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) { // below a file there is none either
		return clock{}, nil
	}
	if err != nil {
		return clock{}, fmt.Errorf("reading the sample's clock: %w", err)
	}
	told := strings.TrimSpace(string(text))
	lead, err := time.ParseDuration(told)
	if days, whole := strconv.Atoi(told); whole == nil && days <= int(archive.MaxAhead/aDay) {
		lead, err = time.Duration(days)*aDay, nil
	}
	if err != nil || lead < 0 || lead > archive.MaxAhead {
		return clock{}, fmt.Errorf("%s holds no number of days", filepath.Join(dir, clockFile))
	}
	return clock{lead: lead}, nil
}

// keep writes the clock into a data folder.
func (c clock) keep(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	told := c.lead.String()
	if c.lead%aDay == 0 {
		told = strconv.Itoa(int(c.lead / aDay))
	}
	return whole.Replace(filepath.Join(dir, clockFile), 0o644, whole.Text([]byte(told+"\n")))
}

// sayClock says plainly that a sample's clock is ahead of today.
func (s *Settings) sayClock() {
	if s.clock.ahead() {
		fmt.Fprintf(s.stderr, s.say("样例时钟超前：今日按 %s 计，本机日期为 %s，超前 %d 天；业务日期与记录时间均以样例时钟为准\n",
			"the sample's clock is ahead: today is %s here, and %s on this machine, %d days before; business dates and recording times are the sample's\n"),
			s.clock.today(), clock{}.today(), s.clock.lead/aDay)
	}
}

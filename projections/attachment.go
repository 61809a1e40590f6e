package projections

import "github.com/fundledger/fundledger/domain"

// AttachmentRow is that a submission names a file. Whether its content is kept no event says, and so no table: the store of files is asked.
type AttachmentRow struct {
	Seq          uint64               `json:"seq"`
	FileNo       int64                `json:"file_no"` // among those of the submission, from 1
	Application  domain.ApplicationID `json:"application"`
	Enterprise   domain.EnterpriseID  `json:"enterprise"`
	Clause       domain.ClauseID      `json:"clause"`
	FileName     string               `json:"file_name"`
	SHA256       string               `json:"sha256"`
	BusinessDate domain.Date          `json:"business_date"`
	Actor        domain.PersonID      `json:"actor"`
}

// BySHA256 are the submissions that name a content.
var BySHA256 = by[string]("sha256", Identifier, "附件内容的 SHA-256", "the SHA-256 of an attachment's content").asked().kept("attachments", "sha256")

// Attachments are the files that submissions name, in the order of the log: those of one that was replaced by another, too.
var Attachments = list[AttachmentRow](List{Name: "attachments", Source: "attachments", Past: true, Key: []string{"seq", "file_no"},
	Title:   domain.Text{ZH: "附件", EN: "Attachments"},
	Meaning: domain.Text{ZH: "历次提交所附的文件", EN: "The files that submissions name"},
}, ByApplication, ByEnterprise, ByClause, BySHA256)

package main

import (
	"fmt"

	"github.com/fundledger/fundledger/proof"
)

// keysBeside are the keys that sign checkpoints beside the first: the SM2 key, where its file is named.
func (s *Settings) keysBeside(in *infrastructure, p Proving) ([]proof.Key, error) {
	if p.SM2Key == "" {
		return nil, nil
	}
	key, made, err := proof.OpenSM2Key(p.SM2Key, proof.Origin(in.fund))
	if err != nil {
		return nil, err
	}
	if made {
		fmt.Fprintf(s.stderr, s.say("已生成 SM2 检查点签名密钥 %s\n", "an SM2 key that signs checkpoints was made: %s\n"), p.SM2Key)
	}
	fmt.Fprintf(s.stderr, s.say("检查点 SM2 验证公钥（请交给审计方）：%s\n", "checkpoints are verified with this SM2 key too (give it to whoever checks): %s\n"), key.Verifier)
	return []proof.Key{key}, nil
}

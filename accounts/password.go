package accounts

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a password: OWASP's for argon2id with 19 MiB. Each hash says its own, so it can be raised later.
const (
	argonTime, argonMemory, argonThreads = 2, 19 << 10, 1
	argonSalt, argonKey                  = 16, 32

	MinPassword, MaxPassword = 10, 256
)

// hashing bounds how many passwords are hashed at once: each takes 19 MiB, and a flood of sign-ins must not take it all.
var hashing = make(chan struct{}, 2)

// HashPassword is a password's argon2id hash with a new salt, in the PHC format. A password of less than 10 bytes, or of
// more than 256, is an error.
func HashPassword(password string) (string, error) {
	if len(password) < MinPassword || len(password) > MaxPassword {
		return "", fmt.Errorf("%w: one has %d to %d bytes, this one has %d", ErrPassword, MinPassword, MaxPassword, len(password))
	}
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails
	key := argon(password, salt, argonTime, argonMemory, argonThreads)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads, b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

func argon(password string, salt []byte, time, memory uint32, threads uint8) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, time, memory, threads, argonKey)
}

var errHash = errors.New("it is no argon2id hash")

// passwordFits reports whether a hash is a password's.
func passwordFits(hash, password string) (bool, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errHash
	}
	var version int
	var memory, time uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &threads); err != nil {
		return false, errHash
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	key, bad := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || bad != nil || len(key) != argonKey || memory > 1<<20 || time == 0 || time > 20 || threads == 0 {
		return false, errHash
	}
	if len(password) > MaxPassword {
		return false, nil
	}
	return subtle.ConstantTimeCompare(key, argon(password, salt, time, memory, threads)) == 1, nil
}

// nobody's hash is checked when there is no such user, so that the time taken does not tell.
var nobody = func() string {
	hash, err := HashPassword(rand.Text())
	if err != nil {
		panic("accounts: " + err.Error())
	}
	return hash
}

// RandomPassword is a password of 20 characters and 100 bits that can be read out loud.
func RandomPassword() string {
	text := strings.ToLower(rand.Text())
	return text[:5] + "-" + text[5:10] + "-" + text[10:15] + "-" + text[15:20]
}

// mark authenticates a text by a password's hash.
func mark(hash, what string) string {
	mac := hmac.New(sha256.New, []byte(hash))
	mac.Write([]byte(what))
	return hex.EncodeToString(mac.Sum(nil))
}

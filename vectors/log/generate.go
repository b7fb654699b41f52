// Makes logs.json with the packages that the Go tool checks its checksum database with: tiles, roots and proofs by `sumdb/tlog`, signatures by
// `sumdb/note`. Started by generate.py.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The key of the examples of sumdb/note; the whole world knows it.
const peter = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"

type growth struct {
	From   int64    `json:"from"`
	Hashes []string `json:"hashes"`
}

type log struct {
	Size       int64             `json:"size"`
	Root       string            `json:"root"`
	Checkpoint string            `json:"checkpoint"`
	Cosigned   string            `json:"cosigned"`
	Files      map[string]string `json:"files,omitempty"`
	Listing    string            `json:"listing"`
	Proofs     []string          `json:"proofs"`
	Growth     []growth          `json:"growth"`
}

type vectors struct {
	Origin  string   `json:"origin"`
	Seed    string   `json:"seed"`
	Key     string   `json:"key"`
	Witness string   `json:"witness"`
	Note    []string `json:"note"`
	Logs    []log    `json:"logs"`
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// entry says its own number in decimal digits, so that lengths differ and nothing has to be stored.
func entry(number int64) []byte { return []byte(strconv.FormatInt(number, 10)) }

func digest(bytes []byte) string {
	sum := sha256.Sum256(bytes)
	return hex.EncodeToString(sum[:])
}

// witness makes a second signer from a fixed seed.
func witness() (note.Signer, string) {
	seed := []byte(strings.Repeat("w", ed25519.SeedSize))
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	const name = "witness.example/w1"
	verifier := must(note.NewEd25519VerifierKey(name, public))
	id := strings.Split(verifier, "+")[1]
	secret := fmt.Sprintf("PRIVATE+KEY+%s+%s+%s", name, id, base64.StdEncoding.EncodeToString(append([]byte{1}, seed...)))
	return must(note.NewSigner(secret)), verifier
}

// files returns the digests of what a log's folder holds beside the checkpoint. The packages name the height in a path, C2SP does not.
func files(size int64, hashes tlog.HashReader) map[string]string {
	all := map[string]string{}
	for _, tile := range tlog.NewTiles(8, 0, size) {
		all[strings.Replace(tile.Path(), "tile/8/", "tile/", 1)] = digest(must(tlog.ReadTileData(tile, hashes)))
		if tile.L == 0 {
			var bundle []byte
			for place := int64(0); place < int64(tile.W); place++ {
				one := entry(tile.N*256 + place)
				bundle = append(binary.BigEndian.AppendUint16(bundle, uint16(len(one))), one...)
			}
			tile.L = -1
			all[strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)] = digest(bundle)
		}
	}
	return all
}

func listing(files map[string]string) string {
	var lines []string
	for path, digest := range files {
		lines = append(lines, path+" "+digest+"\n")
	}
	sort.Strings(lines)
	return digest([]byte(strings.Join(lines, "")))
}

func proof(index, size int64, hashes tlog.HashReader, checkpoint string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "c2sp.org/tlog-proof@v1\nextra %s\nindex %d\n", base64.StdEncoding.EncodeToString(entry(index)), index)
	path := must(tlog.ProveRecord(size, index, hashes))
	root := must(tlog.TreeHash(size, hashes))
	if err := tlog.CheckRecord(path, size, root, index, tlog.RecordHash(entry(index))); err != nil {
		panic(err)
	}
	for _, hash := range path {
		fmt.Fprintf(&text, "%s\n", base64.StdEncoding.EncodeToString(hash[:]))
	}
	return text.String() + "\n" + checkpoint
}

func main() {
	signer := must(note.NewSigner(peter))
	second, secondKey := witness()
	blob := must(base64.StdEncoding.DecodeString(strings.SplitN(peter, "+", 5)[4]))
	public := ed25519.NewKeyFromSeed(blob[1:]).Public().(ed25519.PublicKey)
	said := "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
	signed := string(must(note.Sign(&note.Note{Text: said}, signer)))
	out := vectors{
		Origin:  signer.Name(),
		Seed:    hex.EncodeToString(blob[1:]),
		Key:     must(note.NewEd25519VerifierKey(signer.Name(), public)),
		Witness: secondKey,
		Note:    []string{said, signed},
	}

	var stored []tlog.Hash
	hashes := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for place, index := range indexes {
			found[place] = stored[index]
		}
		return found, nil
	})
	grown := int64(0)
	olds := []int64{1, 2, 3, 4, 7, 255, 256, 257, 511, 4096, 65535, 65536, 65537}
	for _, size := range []int64{1, 2, 3, 5, 8, 255, 256, 257, 700, 65536, 65800} {
		for ; grown < size; grown++ {
			stored = append(stored, must(tlog.StoredHashes(grown, entry(grown), hashes))...)
		}
		root := must(tlog.TreeHash(size, hashes))
		text := fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), size, base64.StdEncoding.EncodeToString(root[:]))
		one := log{Size: size, Root: hex.EncodeToString(root[:])}
		one.Checkpoint = string(must(note.Sign(&note.Note{Text: text}, signer)))
		one.Cosigned = string(must(note.Sign(&note.Note{Text: text}, signer, second)))
		all := files(size, hashes)
		one.Listing = listing(all)
		if size <= 700 {
			one.Files = all
		}
		indexes := map[int64]bool{0: true, size / 3: true, max(0, size-257): true, size - 1: true}
		for index := int64(0); index < size; index++ {
			if indexes[index] {
				one.Proofs = append(one.Proofs, proof(index, size, hashes, one.Checkpoint))
			}
		}
		for _, old := range append(olds, size) {
			if old > size || (old == size && len(one.Growth) > 0 && one.Growth[len(one.Growth)-1].From == size) {
				continue
			}
			step := growth{From: old, Hashes: []string{}}
			for _, hash := range must(tlog.ProveTree(size, old, hashes)) {
				step.Hashes = append(step.Hashes, hex.EncodeToString(hash[:]))
			}
			one.Growth = append(one.Growth, step)
		}
		out.Logs = append(out.Logs, one)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(out); err != nil {
		panic(err)
	}
}

package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"slices"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// keptChunks are the chunks that say what the picture looks like (PNG, third edition, chapter 11);
// the last three are its animation.
var keptChunks = []string{
	"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "bKGD", "pHYs",
	"acTL", "fcTL", "fdAT",
}

// stripPNG keeps those chunks and ends with the picture.
func stripPNG(content []byte) ([]byte, details, error) {
	found := details{orientation: 1}
	out := bytes.NewBuffer(make([]byte, 0, len(content)))
	out.WriteString(pngSignature)
	rest := content[len(pngSignature):]
	for {
		if len(rest) < 12 {
			return nil, found, errDamaged
		}
		length := uint64(binary.BigEndian.Uint32(rest))
		if length > uint64(len(rest)-12) {
			return nil, found, errDamaged
		}
		kind, data, whole := string(rest[4:8]), rest[8:8+length], rest[:12+length]
		rest = rest[12+length:]
		switch kind {
		case "eXIf":
			found.orientation = orientationOf(data)
		case "iCCP":
			found.profile = inflateProfile(data)
		}
		if slices.Contains(keptChunks, kind) {
			out.Write(whole)
		}
		if kind == "IEND" {
			return out.Bytes(), found, nil
		}
	}
}

// inflateProfile reads a profile behind its name; nil when it cannot be read.
func inflateProfile(data []byte) []byte {
	_, packed, ok := bytes.Cut(data, []byte{0})
	if !ok || len(packed) < 1 || packed[0] != 0 {
		return nil
	}
	reader, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil {
		return nil
	}
	profile, err := io.ReadAll(io.LimitReader(reader, maxProfile+1))
	if err != nil || len(profile) > maxProfile {
		return nil
	}
	return profile
}

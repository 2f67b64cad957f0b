package media

import (
	"bytes"
	"slices"
)

// Blocks of a GIF file (GIF89a, chapter 17 onwards).
const (
	gifImage     = 0x2C
	gifExtension = 0x21
	gifTrailer   = 0x3B

	gifGraphicControl = 0xF9
	gifApplication    = 0xFF
)

// keptApplications are the two names of the extension that repeats an animation.
var keptApplications = []string{"NETSCAPE2.0", "ANIMEXTS1.0"}

// stripGIF keeps the frames, how long each is shown and how often all are. Comments, and what
// programs add for themselves, go.
func stripGIF(content []byte) ([]byte, details, error) {
	upright := details{orientation: 1}
	g := gifReader{data: content, out: bytes.NewBuffer(make([]byte, 0, len(content)))}
	if !g.copy(13) {
		return nil, upright, errDamaged
	}
	if !g.copy(colourTable(content[10])) {
		return nil, upright, errDamaged
	}
	for frames := 0; g.at < len(content); {
		fine := false
		switch content[g.at] {
		case gifTrailer:
			g.copy(1)
			return g.out.Bytes(), upright, nil
		case gifImage:
			fine = g.image()
			frames++
		case gifExtension:
			fine = g.extension()
		case 0: // an empty block too many
			g.at++
			fine = frames > 0
		default:
			if frames > 0 { // what follows is no part of the picture, as decoders see it
				g.at, fine = len(content), true
			}
		}
		if !fine {
			return nil, upright, errDamaged
		}
	}
	g.out.WriteByte(gifTrailer) // many programs leave it out
	return g.out.Bytes(), upright, nil
}

type gifReader struct {
	data []byte
	at   int
	out  *bytes.Buffer
}

// copy passes on n bytes, if there are so many.
func (g *gifReader) copy(n int) bool {
	if n > len(g.data)-g.at {
		return false
	}
	g.out.Write(g.data[g.at : g.at+n])
	g.at += n
	return true
}

// image passes on a frame: its descriptor, its colours and its pixels.
func (g *gifReader) image() bool {
	if len(g.data)-g.at < 10 {
		return false
	}
	colours := colourTable(g.data[g.at+9])
	if !g.copy(10) || !g.copy(colours) || !g.copy(1) { // the last is the code size
		return false
	}
	end, ok := g.blocks(g.at)
	return ok && g.copy(end-g.at)
}

// extension passes on an extension, or leaves it out.
func (g *gifReader) extension() bool {
	if len(g.data)-g.at < 2 {
		return false
	}
	end, ok := g.blocks(g.at + 2)
	if !ok {
		return false
	}
	label, name := g.data[g.at+1], g.data[min(g.at+3, end):min(g.at+14, end)]
	if label == gifGraphicControl || label == gifApplication && slices.Contains(keptApplications, string(name)) {
		return g.copy(end - g.at)
	}
	g.at = end
	return true
}

// blocks is where a row of data blocks ends, which an empty one does.
func (g *gifReader) blocks(at int) (end int, ok bool) {
	for at < len(g.data) {
		length := int(g.data[at])
		at += 1 + length
		if length == 0 {
			return at, true
		}
	}
	return 0, false
}

// colourTable is the size of the table that these flags announce.
func colourTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

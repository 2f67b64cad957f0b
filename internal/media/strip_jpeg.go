package media

import (
	"bytes"
	"encoding/binary"
)

// Markers of a JPEG file (ITU-T T.81, table B.1).
const (
	markerRST0  = 0xD0
	markerRST7  = 0xD7
	markerSOI   = 0xD8
	markerEOI   = 0xD9
	markerSOS   = 0xDA
	markerAPP0  = 0xE0
	markerAPP1  = 0xE1
	markerAPP2  = 0xE2
	markerAPP14 = 0xEE
	markerAPP15 = 0xEF
	markerCOM   = 0xFE
)

var (
	jfifTag    = []byte("JFIF\x00")
	exifTag    = []byte("Exif\x00\x00")
	profileTag = []byte("ICC_PROFILE\x00")
	adobeTag   = []byte("Adobe")
)

// maxScans is how many passes over its pixels a progressive picture may take. Encoders make about
// ten; a file made to keep the decoder busy could ask for thousands.
const maxScans = 100

// stripJPEG keeps what decoding needs: tables, frame and scans, JFIF's header without its thumbnail,
// the colour profile and Adobe's word on the colours. What follows the end of the picture, such as a
// second one, goes too.
func stripJPEG(content []byte) ([]byte, details, error) {
	found := details{orientation: 1}
	out := bytes.NewBuffer(make([]byte, 0, len(content)))
	out.Write([]byte{0xFF, markerSOI})
	rest, scans := content[2:], 0
	for {
		marker, segment, after, ok := nextSegment(rest)
		if !ok {
			return nil, found, errDamaged
		}
		rest = after
		if marker == markerEOI {
			out.Write([]byte{0xFF, markerEOI})
			return out.Bytes(), found, nil
		}
		if segment = found.keepSegment(marker, segment); segment != nil {
			writeSegment(out, marker, segment)
		}
		if marker == markerSOS {
			if scans++; scans > maxScans {
				return nil, found, errDamaged
			}
			length := scanLength(rest)
			out.Write(rest[:length])
			rest = rest[length:]
		}
	}
}

// nextSegment reads a marker and what belongs to it. As the decoder and libjpeg do, it passes over fill bytes, over
// stray bytes between segments, and over markers that stand alone.
func nextSegment(data []byte) (marker byte, segment, rest []byte, ok bool) {
	if marker, data = nextMarker(data); marker == 0 {
		return 0, nil, nil, false
	}
	if marker == markerEOI {
		return marker, nil, data, true
	}
	if len(data) < 2 {
		return 0, nil, nil, false
	}
	length := int(binary.BigEndian.Uint16(data))
	if length < 2 || length > len(data) {
		return 0, nil, nil, false
	}
	return marker, data[2:length], data[length:], true
}

// nextMarker finds the next marker and what follows it; 0 when there is none.
func nextMarker(data []byte) (marker byte, rest []byte) {
	for {
		at := bytes.IndexByte(data, 0xFF)
		if at < 0 {
			return 0, nil
		}
		for data = data[at:]; len(data) > 0 && data[0] == 0xFF; {
			data = data[1:]
		}
		if len(data) == 0 {
			return 0, nil
		}
		marker, data = data[0], data[1:]
		if marker != 0 && (marker < markerRST0 || marker > markerRST7) {
			return marker, data
		}
	}
}

// keepSegment is what stays of a segment, nil when nothing does. It notes what the segment tells.
func (d *details) keepSegment(marker byte, segment []byte) []byte {
	switch {
	case marker == markerAPP0 && bytes.HasPrefix(segment, jfifTag):
		header := bytes.Clone(segment[:min(14, len(segment))]) // a short one, too, tells the decoder what the colours are
		if len(header) == 14 {
			header[12], header[13] = 0, 0 // no thumbnail
		}
		return header
	case marker == markerAPP1 && bytes.HasPrefix(segment, exifTag):
		d.orientation = orientationOf(segment[len(exifTag):])
		return nil
	case marker == markerAPP2 && bytes.HasPrefix(segment, profileTag) && len(segment) > len(profileTag)+2:
		d.profile = append(d.profile, segment[len(profileTag)+2:]...)
		return segment
	case marker == markerAPP14 && bytes.HasPrefix(segment, adobeTag) && len(segment) >= 12:
		return segment[:12]
	case marker >= markerAPP0 && marker <= markerAPP15, marker == markerCOM:
		return nil
	}
	return segment
}

func writeSegment(out *bytes.Buffer, marker byte, segment []byte) {
	out.Write([]byte{0xFF, marker})
	out.Write(binary.BigEndian.AppendUint16(nil, uint16(len(segment)+2)))
	out.Write(segment)
}

// scanLength is where the compressed pixels end: at a marker other than a stuffed zero or a restart. Fill bytes before
// a marker are no end.
func scanLength(data []byte) int {
	for i := 0; i+1 < len(data); i++ {
		next := data[i+1]
		if data[i] == 0xFF && next != 0 && next != 0xFF && (next < markerRST0 || next > markerRST7) {
			return i
		}
	}
	return len(data)
}

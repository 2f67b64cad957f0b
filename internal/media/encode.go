package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
)

// How good JPEG files look, of 100.
const (
	originalQuality  = 92
	thumbnailQuality = 82
)

// encode writes a picture in JPEG or PNG, and says what its colours mean.
func encode(picture *image.RGBA, format Format, quality int, profile []byte) ([]byte, error) {
	var out bytes.Buffer
	if format == PNG {
		if err := png.Encode(&out, picture); err != nil {
			return nil, err
		}
		return profiledPNG(out.Bytes(), profile), nil
	}
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	return profiledJPEG(out.Bytes(), profile), nil
}

// fits holds for a profile that speaks of red, green and blue, as what we write does. One of inks or
// greys was of use to the decoder at most.
func fits(profile []byte) bool { return len(profile) >= 128 && string(profile[16:20]) == "RGB " }

// profiledJPEG puts a profile behind the beginning, in as many segments as it takes (ICC.1, annex B.4).
func profiledJPEG(content, profile []byte) []byte {
	const most = 0xFFFF - 2 - 14
	pieces := (len(profile) + most - 1) / most
	if !fits(profile) || pieces > 255 {
		return content
	}
	out := bytes.NewBuffer(append(make([]byte, 0, len(content)+len(profile)+pieces*18), content[:2]...))
	for i := range pieces {
		piece := profile[i*most : min((i+1)*most, len(profile))]
		segment := append(bytes.Clone(profileTag), byte(i+1), byte(pieces))
		writeSegment(out, markerAPP2, append(segment, piece...))
	}
	out.Write(content[2:])
	return out.Bytes()
}

// profiledPNG puts a profile behind the header chunk, compressed.
func profiledPNG(content, profile []byte) []byte {
	const header = len(pngSignature) + 12 + 13
	if !fits(profile) {
		return content
	}
	data := bytes.NewBufferString("iCCP" + "ICC profile\x00\x00")
	packer := zlib.NewWriter(data)
	_, _ = packer.Write(profile) // into memory
	_ = packer.Close()
	out := append(make([]byte, 0, len(content)+data.Len()+8), content[:header]...)
	out = binary.BigEndian.AppendUint32(out, uint32(data.Len()-4))
	out = append(out, data.Bytes()...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(data.Bytes()))
	return append(out, content[header:]...)
}

//! Small writers of tags, as broken as a test wants them.

/// A frame of ID3v2: of six bytes and its content in version 2.2, of ten in others.
pub(crate) fn frame(version: u8, id: &[u8], flags: u16, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap();
    match version {
        2 => [id, &length.to_be_bytes()[1..], content].concat(),
        3 => [id, &length.to_be_bytes(), &flags.to_be_bytes(), content].concat(),
        _ => [id, &syncsafe(length), &flags.to_be_bytes(), content].concat(),
    }
}

/// A tag of ID3v2 with ten bytes of padding.
pub(crate) fn id3(version: u8, flags: u8, frames: &[Vec<u8>]) -> Vec<u8> {
    let body = [&frames.concat()[..], &[0; 10]].concat();
    id3_around(version, flags, &body)
}

/// The same around any body.
pub(crate) fn id3_around(version: u8, flags: u8, body: &[u8]) -> Vec<u8> {
    let length = syncsafe(u32::try_from(body.len()).unwrap());
    [b"ID3", &[version, 0, flags][..], &length, body].concat()
}

pub(crate) fn syncsafe(number: u32) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (number >> shift & 0x7f) as u8)
}

/// A tag of ID3v1.1.
pub(crate) fn id3_v1(title: &str, artist: &str, album: &str, year: &str, number: u8) -> Vec<u8> {
    let field = |text: &str, length: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(length, 0);
        bytes
    };
    [
        b"TAG".to_vec(),
        field(title, 30),
        field(artist, 30),
        field(album, 30),
        field(year, 4),
        field("", 29),
        vec![number, 0],
    ]
    .concat()
}

/// So many frames of MPEG-1 layer III, 128 kbit/s at 44.1 kHz, of silence.
pub(crate) fn mpeg(frames: usize) -> Vec<u8> {
    let mut frame = vec![0xff, 0xfb, 0x90, 0xc0];
    frame.resize(417, 0);
    frame.repeat(frames)
}

/// A metadata block of FLAC.
pub(crate) fn block(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[kind], &length[1..], content].concat()
}

/// A FLAC file: so many samples at a rate, and these blocks.
pub(crate) fn flac(rate: u64, samples: u64, blocks: &[Vec<u8>]) -> Vec<u8> {
    let mut info = vec![0; 34];
    info[10..18].copy_from_slice(&(rate << 44 | 1 << 41 | 15 << 36 | samples).to_be_bytes());
    let last = block(0x80 | 1, &[0; 4]);
    [b"fLaC", &block(0, &info)[..], &blocks.concat(), &last].concat()
}

/// A picture block of FLAC.
pub(crate) fn picture(kind: u32, length: u32, bytes: &[u8]) -> Vec<u8> {
    let mime = b"image/png";
    [
        &kind.to_be_bytes()[..],
        &9u32.to_be_bytes(),
        mime,
        &0u32.to_be_bytes(),
        &[0; 16],
        &length.to_be_bytes(),
        bytes,
    ]
    .concat()
}

/// A comment header of Vorbis, without what is before it.
pub(crate) fn comments(comments: &[&[u8]]) -> Vec<u8> {
    let mut bytes = [
        &0u32.to_le_bytes()[..],
        &(comments.len() as u32).to_le_bytes(),
    ]
    .concat();
    for comment in comments {
        bytes.extend((comment.len() as u32).to_le_bytes());
        bytes.extend(*comment);
    }
    bytes
}

/// The pages of one packet.
pub(crate) fn pages(serial: u32, begins: bool, position: u64, packet: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let parts: Vec<&[u8]> = packet.chunks(255 * 255).collect();
    for (index, part) in parts.iter().enumerate() {
        let open = index + 1 < parts.len();
        let mut lacing = vec![255; part.len() / 255];
        if !open {
            lacing.push((part.len() % 255) as u8);
        }
        let kind = u8::from(index > 0) | (u8::from(begins) << 1);
        bytes.extend(b"OggS\0");
        bytes.push(kind);
        bytes.extend(if open { u64::MAX } else { position }.to_le_bytes());
        bytes.extend(serial.to_le_bytes());
        bytes.extend([0; 8]);
        bytes.push(lacing.len() as u8);
        bytes.extend(lacing);
        bytes.extend(*part);
    }
    bytes
}

/// An Opus file that plays so many samples of 48 kHz.
pub(crate) fn opus(comments: &[u8], position: u64) -> Vec<u8> {
    let head = [&b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0"[..]].concat();
    let tags = [b"OpusTags", comments].concat();
    [
        pages(7, true, 0, &head),
        pages(7, false, 0, &tags),
        pages(7, false, position, &[1; 40]),
    ]
    .concat()
}

/// A box of MP4.
pub(crate) fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).unwrap().to_be_bytes();
    [&length[..], kind, content].concat()
}

/// A tag of MP4.
pub(crate) fn item(kind: &[u8; 4], data: u32, value: &[u8]) -> Vec<u8> {
    boxed(
        kind,
        &boxed(b"data", &[&data.to_be_bytes(), &[0; 4][..], value].concat()),
    )
}

/// An MP4 file with a track of sound that has so many units of a rate, and these tags.
pub(crate) fn mp4(rate: u32, units: u32, items: &[Vec<u8>]) -> Vec<u8> {
    let mut mdhd = vec![0; 12];
    mdhd.extend(rate.to_be_bytes());
    mdhd.extend(units.to_be_bytes());
    let hdlr = [&[0; 8], &b"soun"[..], &[0; 12]].concat();
    let mdia = [boxed(b"mdhd", &mdhd), boxed(b"hdlr", &hdlr)].concat();
    let trak = boxed(b"trak", &boxed(b"mdia", &mdia));
    let ilst = boxed(b"ilst", &items.concat());
    let udta = boxed(b"udta", &boxed(b"meta", &[&[0; 4], &ilst[..]].concat()));
    [
        boxed(b"ftyp", b"M4A \0\0\0\0"),
        boxed(b"moov", &[trak, udta].concat()),
        boxed(b"mdat", &[0; 100]),
    ]
    .concat()
}

/// A chunk of RIFF.
pub(crate) fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    let padding = &[0][..content.len() % 2];
    [kind, &length[..], content, padding].concat()
}

/// A WAV file of 8,000 bytes a second with these chunks.
pub(crate) fn wav(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut fmt = vec![1, 0, 1, 0];
    fmt.extend(8000u32.to_le_bytes());
    fmt.extend(8000u32.to_le_bytes());
    fmt.extend([1, 0, 8, 0]);
    let body = [chunk(b"fmt ", &fmt), chunks.concat()].concat();
    [
        b"RIFF",
        &(body.len() as u32 + 4).to_le_bytes()[..],
        b"WAVE",
        &body,
    ]
    .concat()
}

/// The beginning of a PNG of so many pixels, and so many bytes in all.
pub(crate) fn png(width: u32, height: u32, bytes: usize) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(width.to_be_bytes());
    png.extend(height.to_be_bytes());
    png.resize(bytes.max(24), 0);
    png
}

//! IDX, the format of MNIST: a magic number, big-endian sizes, then a byte for each pixel or label.
//!
//! ```text
//! images: 00000803, n, rows, columns, then n·rows·columns bytes      labels: 00000801, n, then n bytes
//! ```
//!
//! The third byte of the magic number, 08, says that numbers are unsigned bytes; the fourth counts the sizes.

use super::{DataError, Samples, require_room};

const IMAGES: u32 = 0x0803;
const LABELS: u32 = 0x0801;

/// Bytes of the magic number, and of each size.
const WORD: usize = 4;

/// Reads two files, each its name and bytes. m = rows·columns.
///
/// # Errors
/// [`DataError`] with the file and what its header should be.
pub(super) fn parse(images: (&str, &[u8]), labels: (&str, &[u8])) -> Result<Samples, DataError> {
    let ([count, rows, columns], pixels) = numbers(images.0, images.1, IMAGES)?;
    let ([n_labels], labelled) = numbers(labels.0, labels.1, LABELS)?;
    if count != n_labels {
        let (images, labels) = (images.0.to_owned(), labels.0.to_owned());
        return Err(DataError::Counts { images, n_images: count, labels, n_labels });
    }
    let dimension = rows * columns;
    require_room(images.0, count, dimension)?;
    Ok(Samples {
        file: labels.0.to_owned(),
        features: pixels.iter().copied().map(f64::from).collect(),
        dimension,
        labels: labelled.iter().copied().map(u32::from).collect(),
    })
}

/// The sizes that a header states and the bytes that follow, which are as many as the sizes make; none is zero.
fn numbers<'a, const K: usize>(file: &str, bytes: &'a [u8], magic: u32) -> Result<([usize; K], &'a [u8]), DataError> {
    let file = || file.to_owned();
    let header = WORD * (K + 1);
    let cut = |expected: u128| DataError::Length { file: file(), found: bytes.len() as u128, expected };
    let Some((found, rest)) = bytes.split_first_chunk().map(|(word, rest)| (u32::from_be_bytes(*word), rest)) else {
        return Err(cut(header as u128));
    };
    if found != magic {
        return Err(DataError::Magic { file: file(), what: what(magic), found, expected: magic, help: help(found) });
    }
    let (words, _) = rest.as_chunks::<WORD>();
    let Some(words) = words.first_chunk::<K>() else { return Err(cut(header as u128)) };
    let sizes = words.map(|word| u32::from_be_bytes(word) as usize);
    if let Some(zero) = sizes.iter().position(|size| *size == 0) {
        return Err(DataError::ZeroSize { file: file(), byte: WORD * (zero + 1) });
    }
    // Three sizes of 32 bits do not overflow 128.
    let expected = header as u128 + sizes.iter().map(|size| *size as u128).product::<u128>();
    match bytes.len() as u128 == expected {
        true => Ok((sizes, &bytes[header..])),
        false => Err(cut(expected)),
    }
}

fn what(magic: u32) -> &'static str {
    if magic == IMAGES { "images" } else { "labels" }
}

/// What a file seems to be that begins with another number.
fn help(found: u32) -> &'static str {
    match found {
        IMAGES => "these are images, so perhaps `images` and `labels` are exchanged",
        LABELS => "these are labels, so perhaps `images` and `labels` are exchanged",
        _ if found >> 16 == 0 && found >> 8 != 0x08 => "only unsigned bytes (08) are read",
        _ => "fetch the file again, and name the file of this content",
    }
}

//! IDX: every cut and every flipped bit of a header is noticed.

use super::super::idx::parse;
use super::refusal;

const IMAGES: [u8; 22] = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 10, 20, 30, 40, 50, 255];
const LABELS: [u8; 11] = [0, 0, 8, 1, 0, 0, 0, 3, 1, 0, 1];

fn message(images: &[u8], labels: &[u8]) -> String {
    refusal(parse(("images", images), ("labels", labels)))
}

/// The file with the bytes from `at` on replaced.
fn with<const N: usize>(mut bytes: [u8; N], at: usize, new: &[u8]) -> [u8; N] {
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

#[test]
fn a_small_pair_is_read() {
    let samples = parse(("images", &IMAGES), ("labels", &LABELS)).expect("whole");
    assert_eq!(samples.features, [10.0, 20.0, 30.0, 40.0, 50.0, 255.0]);
    assert_eq!((samples.dimension, samples.labels), (2, vec![1, 0, 1]));
}

#[test]
fn mistakes_are_told_apart() {
    let cut = |found: usize, expected: &str| {
        format!("images has {found} bytes, where its header makes {expected}: it is cut short, fetch it again")
    };
    let begins = |bytes: &str, help: &str| {
        format!("images: its first four bytes are {bytes}, where IDX images begin with 00000803: {help}")
    };
    let cases: [(&[u8], &[u8], String); 10] = [
        (
            &LABELS,
            &IMAGES,
            begins("00000801", "these are labels, so perhaps `images` and `labels` are exchanged"),
        ),
        (
            &IMAGES,
            &IMAGES,
            "labels: its first four bytes are 00000803, where IDX labels begin with 00000801: these are images, so perhaps \
             `images` and `labels` are exchanged"
                .to_owned(),
        ),
        (&with(IMAGES, 2, &[0x0d]), &LABELS, begins("00000d03", "only unsigned bytes (08) are read")),
        (b"<html>", &LABELS, begins("3c68746d", "fetch the file again, and name the file of this content")),
        (&[], &LABELS, cut(0, "16")),
        (&IMAGES[..20], &LABELS, cut(20, "22")),
        (&with(IMAGES, 4, &[0xff; 12]), &LABELS, cut(22, "79228162458924105385300197391")),
        (
            &[&IMAGES[..], &[7]].concat(),
            &LABELS,
            "images has 23 bytes, where its header makes 22: what follows is not part of the format".to_owned(),
        ),
        (
            &with(IMAGES, 15, &[0]),
            &LABELS,
            "images: the size at byte 12 is 0: at least one image of one pixel is needed".to_owned(),
        ),
        (
            &IMAGES,
            &[&with(LABELS, 7, &[4])[..], &[0]].concat(),
            "images holds 3 images and labels 4 labels: they are not of one data set".to_owned(),
        ),
    ];
    for (images, labels, expected) in cases {
        assert_eq!(message(images, labels), expected);
    }
}

#[test]
fn every_cut_is_noticed() {
    for cut in 0..IMAGES.len() {
        assert!(message(&IMAGES[..cut], &LABELS).contains("cut short"), "{cut}");
    }
    for cut in 0..LABELS.len() {
        assert!(message(&IMAGES, &LABELS[..cut]).contains("cut short"), "{cut}");
    }
}

#[test]
fn every_pair_of_flipped_bits_of_a_header_is_noticed() {
    let flipped = |bytes: &[u8], bits: &[usize]| {
        let mut bytes = bytes.to_vec();
        bits.iter().for_each(|bit| bytes[bit / 8] ^= 1 << (bit % 8));
        bytes
    };
    for first in 0..8 * 16 {
        message(&flipped(&IMAGES, &[first]), &LABELS);
        for second in 0..first {
            message(&flipped(&IMAGES, &[first, second]), &LABELS);
        }
    }
    for bit in 0..8 * 8 {
        message(&IMAGES, &flipped(&LABELS, &[bit]));
    }
}

//! Data as it is read, and what is refused, each with its message.

mod csv;
mod idx;
mod location;
mod parquet;

use std::path::Path;

use super::{DataError, Labelled, MOST_NUMBERS, Samples, read, require_room};
use crate::spec::raw::{RawIdxFile, RawNetworkData, RawTableFile};

/// The folder that the specs of the papers stand in.
fn specs() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs")
}

fn table(path: &str, divisor: f64) -> RawTableFile {
    RawTableFile { path: path.to_owned(), label: None, divisor: Some(divisor) }
}

fn digits() -> Labelled {
    let raw = RawNetworkData::Parquet(table("data/digits.parquet", 16.0));
    read(&raw, &specs()).expect("the digits are shipped")
}

/// A folder with files of these contents.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).expect("written");
    }
    folder
}

/// What is said of samples that must be refused.
#[track_caller]
fn refusal<T: std::fmt::Debug>(result: Result<T, DataError>) -> String {
    result.expect_err("must be refused").to_string()
}

#[test]
fn the_digits_are_those_of_the_data_set() {
    let digits = digits();
    assert_eq!((digits.count, digits.dimension, digits.classes.len()), (1797, 64, 10));
    assert_eq!(digits.features.len(), 1797 * 64);
    assert!(digits.features.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
    assert_eq!(digits.features.iter().sum::<f64>(), 561_718.0 / 16.0);
    let of_class = |class| digits.labels.iter().filter(|label| **label == class).count();
    let counts: Vec<_> = (0..10).map(of_class).collect();
    assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    // The first image is a zero: its second row.
    assert_eq!(digits.labels[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(
        digits.features[8..16].iter().map(|pixel| pixel * 16.0).collect::<Vec<_>>(),
        [0.0, 0.0, 13.0, 15.0, 10.0, 15.0, 5.0, 0.0]
    );
}

#[test]
fn the_hash_of_the_digits_is_the_one_that_their_description_states() {
    let description = std::fs::read_to_string(specs().join("data/README.md")).expect("described");
    assert!(description.contains(&digits().hash));
}

#[test]
fn the_same_data_are_read_from_every_format() {
    let images = [0, 51, 102, 255, 0, 1, 2, 3, 4, 5, 6, 7];
    let mut idx_images = vec![0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2];
    idx_images.extend(images);
    let idx_labels = [0, 0, 8, 1, 0, 0, 0, 3, 1, 0, 1];
    let text = "a,b,label,c,d\n0,51,1,102,255\n0,1,0,2,3\n4,5,1,6,7\n";
    let folder = folder(&[("images", &idx_images), ("labels", &idx_labels), ("table.csv", text.as_bytes())]);
    let csv = read(&RawNetworkData::Csv(table("table.csv", 255.0)), folder.path()).expect("a table");
    let files = RawIdxFile { images: "images".to_owned(), labels: "labels".to_owned(), divisor: Some(255.0) };
    let idx = read(&RawNetworkData::Idx(files), folder.path()).expect("two files");
    assert_eq!(csv.features, images.map(|pixel| f64::from(pixel) / 255.0));
    assert_eq!((csv.count, csv.dimension), (3, 4));
    assert_eq!((csv.labels.as_slice(), csv.classes.as_slice()), ([1, 0, 1].as_slice(), [0, 1].as_slice()));
    assert_ne!(csv.hash, idx.hash);
    assert_eq!(csv, Labelled { hash: csv.hash.clone(), ..idx });
    assert_eq!(csv.hash, blake3::hash(text.as_bytes()).to_hex().as_str());
}

#[test]
fn a_changed_label_file_has_another_hash() {
    let images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9];
    let labels = |last: u8| [0, 0, 8, 1, 0, 0, 0, 2, 1 - last, last];
    let folder = folder(&[("images", &images), ("one", &labels(1)), ("other", &labels(0))]);
    let hash = |labels: &str| {
        let files = RawIdxFile { images: "images".to_owned(), labels: labels.to_owned(), divisor: None };
        read(&RawNetworkData::Idx(files), folder.path()).expect("small data").hash
    };
    assert_ne!(hash("one"), hash("other"));
    assert_eq!(hash("one"), hash("one"));
}

#[test]
fn packed_files_are_unpacked_and_damaged_ones_refused() {
    use std::io::Write;
    let text = "x,label\n1,0\n2,1\n";
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).expect("packed");
    let packed = packed.finish().expect("packed");
    let folder = folder(&[("plain.csv", text.as_bytes()), ("packed.csv.gz", &packed)]);
    let read = |path: &str| read(&RawNetworkData::Csv(table(path, 1.0)), folder.path());
    let (plain, unpacked) = (read("plain.csv").expect("plain"), read("packed.csv.gz").expect("packed"));
    assert_eq!(plain, Labelled { hash: plain.hash.clone(), ..unpacked });
    for cut in 2..packed.len() {
        std::fs::write(folder.path().join("cut.csv.gz"), &packed[..cut]).expect("written");
        let message = refusal(read("cut.csv.gz"));
        assert!(message.starts_with("cannot read ") && message.contains("cut.csv.gz"), "{cut}: {message}");
    }
}

#[test]
fn a_folder_is_not_read() {
    let folder = folder(&[]);
    std::fs::create_dir(folder.path().join("table.csv")).expect("made");
    let message = refusal(read(&RawNetworkData::Csv(table("table.csv", 1.0)), folder.path()));
    assert!(message.ends_with("table.csv: it is not a plain file"), "{message}");
}

#[test]
fn features_are_divided_by_a_number_that_leaves_them_finite() {
    let samples =
        |feature: f64| Samples { file: "f".to_owned(), features: vec![feature], dimension: 1, labels: vec![0] };
    for divisor in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-310] {
        let message = refusal(samples(255.0).labelled(divisor, String::new()));
        assert!(message.starts_with("f: the features cannot be divided by "), "{message}");
    }
    assert_eq!(samples(8.0).labelled(16.0, String::new()).expect("divided").features, [0.5]);
}

#[test]
fn classes_are_the_labels_that_occur() {
    let samples = |labels: &[u32]| {
        let features = vec![0.0; labels.len()];
        Samples { file: "f".to_owned(), features, dimension: 1, labels: labels.to_vec() }.labelled(1.0, String::new())
    };
    assert_eq!(samples(&[2, 0, 1, 0]).expect("three classes").classes, [0, 1, 2]);
    assert_eq!(samples(&[7, 3, u32::MAX, 7]).expect("three classes").classes, [3, 7, u32::MAX]);
    assert_eq!(refusal(samples(&[])), "f holds no samples: at least one is needed");
}

#[test]
fn no_more_numbers_are_read_than_there_is_room_for() {
    assert!(require_room("f", MOST_NUMBERS / 8, 8).is_ok());
    for (count, dimension) in [(MOST_NUMBERS / 8 + 1, 8), (usize::MAX, 2)] {
        let message = refusal(require_room("f", count, dimension));
        assert!(message.starts_with(&format!("f holds {count} samples of {dimension} features: at most 134217728 ")));
    }
}

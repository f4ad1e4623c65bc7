//! Parquet: columns of many kinds, gaps, and damaged files.

use polars::prelude::{Column, DataFrame, ParquetWriter};

use super::super::parquet::parse;
use super::{refusal, specs};

fn written(columns: Vec<Column>) -> Vec<u8> {
    let mut frame = DataFrame::new(columns[0].len(), columns).expect("equally long columns");
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).expect("written");
    bytes
}

#[test]
fn whole_and_other_numbers_are_read_row_by_row() {
    let bytes = written(vec![
        Column::new("a".into(), [1_i32, -2, 3]),
        Column::new("class".into(), [1.0, 0.0, 1.0]),
        Column::new("b".into(), [0.5_f32, 0.25, 1e30]),
        Column::new("c".into(), [u64::MAX, 0, 1]),
    ]);
    let samples = parse("f", &bytes, "class").expect("a table");
    assert_eq!(samples.labels, [1, 0, 1]);
    assert_eq!(samples.dimension, 3);
    assert_eq!(samples.features[..6], [1.0, 0.5, u64::MAX as f64, -2.0, 0.25, 0.0]);
    assert_eq!(samples.features[7], f64::from(1e30_f32));
}

#[test]
fn mistakes_are_found_at_their_row() {
    let x = || Column::new("x".into(), [1.0, 2.0]);
    let label = || Column::new("label".into(), [0_u32, 1]);
    let cases = [
        (vec![x()], "f has no column `label` of labels: name it by the key `label`; the columns are `x`"),
        (vec![label()], "f has no column besides the labels `label`: every other column is a feature"),
        (
            vec![label(), Column::new("x".into(), ["a", "b"])],
            "f: column `x` holds str, not numbers: drop it, or code it as numbers",
        ),
        (
            vec![label(), Column::new("x".into(), [true, false])],
            "f: column `x` holds bool, not numbers: drop it, or code it as numbers",
        ),
        (
            vec![label(), Column::new("x".into(), [Some(1.0), None])],
            "f: row 2, column `x`: a value is missing: fill it in, or drop the row",
        ),
        (
            vec![label(), Column::new("x".into(), [f64::NAN, 1.0])],
            "f: row 1, column `x`: NaN is not a finite number: mend it, or drop the row",
        ),
        (
            vec![x(), Column::new("label".into(), [0_i64, -1])],
            "f: row 2, column `label`: the label is -1: labels are whole numbers 0, 1, 2, …",
        ),
        (
            vec![x(), Column::new("label".into(), [Some(0_u32), None])],
            "f: row 2, column `label`: a value is missing: fill it in, or drop the row",
        ),
    ];
    for (columns, message) in cases {
        assert_eq!(refusal(parse("f", &written(columns), "label")), message);
    }
}

#[test]
fn a_table_without_rows_has_no_samples() {
    let columns = vec![Column::new("x".into(), Vec::<f64>::new()), Column::new("label".into(), Vec::<u32>::new())];
    let samples = parse("f", &written(columns), "label").expect("a table");
    assert_eq!(refusal(samples.labelled(1.0, String::new())), "f holds no samples: at least one is needed");
}

#[test]
fn damaged_files_are_refused_or_read_as_a_table() {
    let bytes = std::fs::read(specs().join("data/digits.parquet")).expect("shipped");
    for cut in (0..bytes.len()).step_by(997) {
        assert!(refusal(parse("f", &bytes[..cut], "label")).starts_with("f is not a parquet file"), "{cut}");
    }
    // A flipped bit of a pixel makes other data, which the hash tells apart; one elsewhere may make polars panic.
    for position in (0..bytes.len()).step_by(997).chain(bytes.len() - 40..bytes.len()) {
        let mut damaged = bytes.clone();
        damaged[position] ^= 0x10;
        if let Ok(samples) = parse("f", &damaged, "label") {
            assert_eq!((samples.labels.len(), samples.features.len()), (1797, 1797 * samples.dimension), "{position}");
        }
    }
}

//! Figures as PNG and PDF, made from their SVG.

use std::sync::Arc;

use krilla::geom::Size;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt as _, SvgSettings};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

/// The largest picture, in pixels along an edge.
const LARGEST: f32 = 20_000.0;

/// The SVG as PNG, `scale` pixels for each of its units. Holds 4 bytes a pixel.
///
/// # Errors
/// Why it cannot be drawn: it is no SVG, or too large at this scale.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, String> {
    let tree = tree(svg)?;
    let [width, height] = [tree.size().width(), tree.size().height()].map(|length| (scale * length).round());
    if !(width >= 1.0 && height >= 1.0 && width <= LARGEST && height <= LARGEST) {
        return Err(format!("at scale {scale} it has {width} × {height} pixels: at most {LARGEST} an edge are drawn"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and LARGEST")]
    let pixmap = Pixmap::new(width as u32, height as u32);
    let mut pixmap = pixmap.ok_or_else(|| "there is no room for its pixels".to_owned())?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    pixmap.encode_png().map_err(|error| error.to_string())
}

/// The SVG as a PDF of one page, a point for each of its units, with its text as text and its glyphs embedded.
///
/// # Errors
/// Why it cannot be drawn: it is no SVG.
pub fn pdf(svg: &str) -> Result<Vec<u8>, String> {
    let tree = tree(svg)?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let size = Size::from_wh(width, height).ok_or_else(|| "it has no size".to_owned())?;
    let page = PageSettings::from_wh(width, height).ok_or_else(|| "it has no size".to_owned())?;
    let mut document = krilla::Document::new();
    let mut page = document.start_page_with(page);
    let mut surface = page.surface();
    let drawn = surface.draw_svg(&tree, size, SvgSettings::default());
    surface.finish();
    page.finish();
    drawn.ok_or_else(|| "it holds what a PDF cannot".to_owned())?;
    document.finish().map_err(|error| format!("{error:?}"))
}

/// The figure with its glyphs: those of DejaVu Sans, so that they are the same on every machine; a line with a letter that it
/// lacks, such as 𝒢, in a font that is installed.
fn tree(svg: &str) -> Result<Tree, String> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.load_font_data(dejavu::sans::bold().to_vec());
    fonts.load_system_fonts();
    let options = Options { fontdb: Arc::new(fonts), font_family: "DejaVu Sans".to_owned(), ..Options::default() };
    Tree::from_str(svg, &options).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90\" height=\"50\" font-family=\"DejaVu Sans\">\
        <style>@media (prefers-color-scheme: dark){[fill=\"white\"]{fill:#14171c}}</style>\
        <rect width=\"100%\" height=\"100%\" fill=\"white\"/><text x=\"5\" y=\"30\" font-size=\"12\">½ η λ√μΣ₁</text></svg>";

    #[test]
    fn a_png_has_the_size_that_was_asked_for_and_is_not_blank() {
        let png = png(SVG, 2.0).expect("an SVG");
        let pixmap = Pixmap::decode_png(&png).expect("a PNG");
        assert_eq!((pixmap.width(), pixmap.height()), (180, 100));
        let corner = pixmap.pixel(0, 0).expect("a pixel").demultiply();
        // The style of dark pages does not count.
        assert_eq!((corner.red(), corner.green(), corner.blue(), corner.alpha()), (255, 255, 255, 255));
        let dark = pixmap.pixels().iter().filter(|pixel| pixel.red() < 64).count();
        assert!((200..4000).contains(&dark), "{dark} dark pixels");
    }

    #[test]
    fn a_pdf_holds_text_and_a_font() {
        let pdf = pdf(SVG).expect("an SVG");
        assert!(pdf.starts_with(b"%PDF-"));
        let has = |word: &[u8]| pdf.windows(word.len()).any(|window| window == word);
        assert!(has(b"/Font") && has(b"DejaVuSans") && has(b"/ToUnicode"));
    }

    #[test]
    fn what_is_no_figure_is_refused() {
        assert!(png("<svg", 1.0).is_err() && pdf("").is_err());
        assert!(png(SVG, 1000.0).expect_err("too large").contains("pixels"));
        assert!(png(SVG, 0.001).is_err());
    }
}

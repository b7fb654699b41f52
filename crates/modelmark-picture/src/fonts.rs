//! The fonts that pictures are drawn with: those in this crate and no others, so that every machine draws the same.

use std::sync::{Arc, LazyLock};

use resvg::usvg::fontdb::Database;

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    for font in [
        &include_bytes!("../fonts/Inter-Regular.ttf")[..],
        &include_bytes!("../fonts/Inter-Bold.ttf")[..],
        &include_bytes!("../fonts/JetBrainsMono-Regular.ttf")[..],
    ] {
        fonts.load_font_data(font.to_vec());
    }
    fonts.set_sans_serif_family("Inter");
    fonts.set_serif_family("Inter");
    fonts.set_monospace_family("JetBrains Mono");
    Arc::new(fonts)
});

/// Returns the fonts.
pub(crate) fn fonts() -> Arc<Database> {
    FONTS.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_font_is_read() {
        let fonts = fonts();
        let names: Vec<&str> = fonts.faces().flat_map(|face| &face.families).map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Inter", "Inter", "JetBrains Mono"]);
    }
}

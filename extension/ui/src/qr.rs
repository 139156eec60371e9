//! QR codes, drawn as one path.

use std::fmt::Write;

use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of quiet around a code (ISO/IEC 18004, 6.3.8).
const QUIET: i32 = 4;

/// What an `svg` draws.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Drawn {
    view_box: String,
    path: String,
}

/// Draws a text; `None` if it is too long for any code.
fn draw(text: &str) -> Option<Drawn> {
    // A screen is not torn or soiled: the lowest level makes the largest modules. It is raised where that costs none.
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let start = x;
            while x < size && code.get_module(x, y) {
                x += 1;
            }
            if x > start {
                // Writing to a string does not fail.
                let _written = write!(path, "M{start} {y}h{}v1H{start}z", x - start);
            }
            x += 1;
        }
    }
    let side = size + 2 * QUIET;
    let view_box = format!("-{QUIET} -{QUIET} {side} {side}");
    Some(Drawn { view_box, path })
}

/// A text as a QR code, if it is not too long for one.
#[component]
pub(crate) fn Qr(
    #[prop(into)] text: Signal<Option<String>>,
    #[prop(into)] label: Signal<String>,
    /// Instead of a code that cannot be.
    #[prop(into)]
    too_long: Signal<String>,
) -> impl IntoView {
    move || {
        let text = text.get()?;
        Some(match draw(&text) {
            Some(Drawn { view_box, path }) => view! {
                <svg class="qr" data-testid="qr" role="img" aria-label=label viewBox=view_box>
                    <path d=path />
                </svg>
            }
            .into_any(),
            None => view! { <p class="hint">{too_long}</p> }.into_any(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_in_runs_with_quiet_around() {
        let drawn = draw("webrtc://127.0.0.1:7979/nest").unwrap();
        // Version 2: 25 modules, and 4 on each side.
        assert_eq!(drawn.view_box, "-4 -4 33 33");
        // The top of a finder pattern is a run of seven.
        assert!(drawn.path.starts_with("M0 0h7v1H0z"), "{}", drawn.path);
    }

    #[test]
    fn what_fits_no_code_is_not_drawn() {
        assert_eq!(draw(&"x".repeat(3000)), None);
    }
}

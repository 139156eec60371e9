//! The gate every final wasm file passes: it is valid, and asks the page for nothing that the page
//! does not have.
//!
//! An import from `env` is C's way of saying "someone will link this": some crate reached for a
//! clock, a socket or libc. The browser would refuse the module when it starts; this refuses it
//! when it is built, and names what was asked for.

use anyhow::{Context, Result, ensure};
use wasmparser::{Parser, Payload, WasmFeatures};

/// Checks the bytes of one module.
///
/// # Errors
/// When they are no valid WebAssembly, or import something from `env`.
pub(crate) fn check(wasm: &[u8]) -> Result<()> {
    wasmparser::Validator::new_with_features(features())
        .validate_all(wasm)
        .context("invalid WebAssembly")?;
    let foreign = imports_from_env(wasm)?;
    ensure!(
        foreign.is_empty(),
        "imports what no browser has: {}; find the crate that asks for it",
        foreign.join(", ")
    );
    Ok(())
}

/// What the oldest browsers of the manifest run (webassembly.org/features), and rustc emits.
fn features() -> WasmFeatures {
    WasmFeatures::WASM2
}

fn imports_from_env(wasm: &[u8]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ImportSection(section) = payload.context("invalid WebAssembly")? {
            for import in section.into_imports() {
                let import = import.context("invalid import section")?;
                if import.module == "env" {
                    found.push(format!("env.{}", import.name));
                }
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that imports functions, each of the type `() -> ()`.
    fn importing(imports: &[(&str, &str)]) -> Vec<u8> {
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        wasm.extend([1, 4, 1, 0x60, 0, 0]); // type section: one function type
        let mut body = vec![u8::try_from(imports.len()).unwrap()];
        for (module, name) in imports {
            for text in [module, name] {
                body.push(u8::try_from(text.len()).unwrap());
                body.extend(text.bytes());
            }
            body.extend([0, 0]); // a function, of type 0
        }
        wasm.extend([2, u8::try_from(body.len()).unwrap()]);
        wasm.extend(body);
        wasm
    }

    #[test]
    fn imports_from_env_are_refused_by_name() {
        let cases: [(&[(&str, &str)], &str); 4] = [
            (&[], ""),
            (
                &[("./engine_bg.js", "__wbg_now"), ("environment", "now")],
                "",
            ),
            (
                &[("./engine_bg.js", "a"), ("env", "clock_gettime")],
                "env.clock_gettime",
            ),
            (&[("env", "now"), ("env", "socket")], "env.now, env.socket"),
        ];
        for (imports, expected) in cases {
            match check(&importing(imports)) {
                Ok(()) => assert_eq!(expected, "", "{imports:?}"),
                Err(error) => {
                    let text = format!("{error:#}");
                    assert!(!expected.is_empty() && text.contains(expected), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_module_is_refused() {
        let cut = importing(&[("a", "b")]);
        for wasm in [&b""[..], b"<html>", &cut[..cut.len() - 1]] {
            assert!(check(wasm).is_err(), "{wasm:?}");
        }
    }
}

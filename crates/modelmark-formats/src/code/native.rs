//! Programs: of machines, of interpreters, of shells.

use super::extension;

/// Extensions of programs whose text or bytes say nothing by themselves.
const PROGRAMS: [&str; 15] = ["py", "pyc", "pyd", "pyx", "ipynb", "so", "dll", "dylib", "exe", "sh", "bat", "cmd", "ps1", "jar", "wasm"];

/// Says what kind of program a file is, by its first bytes or else by its name.
pub(super) fn kind(opening: &[u8], name: &str) -> Option<String> {
    let by_content = match opening {
        [0x7f, b'E', b'L', b'F', ..] => Some("a program or library (ELF)"),
        // Windows programs have the offset of their second header, and zeros before it that hold nothing today.
        [b'M', b'Z', ..] if opening.get(60..64).is_some_and(|at| at != [0; 4]) && opening.len() >= 128 => Some("a program or library (PE)"),
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] => Some("a program or library (Mach-O)"),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Some("a program (WebAssembly)"),
        [b'#', b'!', b'/' | b' ', ..] => Some("a script"),
        // The two bytes before differ between versions of Python.
        [_, 0x0c..=0x0f, b'\r', b'\n', ..] => Some("Python byte code"),
        _ => None,
    };
    let by_name = || {
        let extension = extension(name).filter(|extension| PROGRAMS.contains(&extension.as_str()))?;
        Some(format!("a program by its name (.{extension})"))
    };
    by_content.map(str::to_owned).or_else(by_name)
}

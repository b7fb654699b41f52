//! Examples of the help in lines that a terminal does not break, because a command that is broken in the middle does not run when it is pasted.

use clap::Command;

/// Columns that every terminal has.
const COLUMNS: usize = 80;

/// Lines with this much before them are examples, and so much more stands before what goes on with them.
const INDENT: &str = "  ";

/// Breaks the examples of a command and of all below it at arguments, with a backslash where the shell goes on reading.
pub(crate) fn fit(command: Command) -> Command {
    let command = command.mut_subcommands(fit);
    match command.get_after_help().map(ToString::to_string) {
        Some(help) => command.after_help(help.lines().map(line).collect::<Vec<_>>().join("\n")),
        None => command,
    }
}

fn line(text: &str) -> String {
    let Some(example) = text.strip_prefix(INDENT).filter(|_| text.chars().count() > COLUMNS) else { return text.to_owned() };
    let mut lines = vec![INDENT.to_owned()];
    for word in words(example) {
        let Some(last) = lines.last_mut() else { break };
        let begun = !last.trim().is_empty();
        // Room for a space before the word, and for a space and a backslash after it.
        if begun && last.chars().count() + 1 + word.chars().count() + 2 > COLUMNS {
            last.push_str(" \\");
            lines.push(format!("{INDENT}{INDENT}{word}"));
        } else {
            last.push_str(if begun { " " } else { "" });
            last.push_str(word);
        }
    }
    lines.join("\n")
}

/// Splits at spaces outside quotation marks. A redirection stays with its file, an option with its value.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let takes = |start, at| {
        let option = text.get(start..at).is_some_and(|word| word.starts_with("--") && !word.contains(' '));
        option && text.get(at..).is_some_and(|rest| !rest.starts_with(" --"))
    };
    let (mut quote, mut start, mut before) = (None, 0, ' ');
    for (at, c) in text.char_indices() {
        match quote {
            None if c == ' ' && !matches!(before, '<' | '>' | '|') && !takes(start, at) => {
                words.extend(text.get(start..at));
                start = at + 1;
            }
            None if matches!(c, '"' | '\'') => quote = Some(c),
            Some(mark) if c == mark => quote = None,
            _ => {}
        }
        before = c;
    }
    words.extend(text.get(start..));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_examples_are_broken_at_arguments() {
        let first = "  modelmark dataset prove data.leaves";
        let quoted = "--absent-content \"$(sha256sum < book.txt | cut -c -64)\"";
        let broken = line(&format!("{first} {quoted} > proof.json"));
        assert_eq!(broken, format!("{first} \\\n    {quoted} > proof.json"));
        assert_eq!(line("  modelmark networks"), "  modelmark networks");
        let prose = "word ".repeat(40);
        assert_eq!(line(&prose), prose, "prose is left to be wrapped");
        assert_eq!(words("a > b | c 'd e'"), ["a", "> b", "| c", "'d e'"]);
        assert_eq!(words("a --b --c - --d e f"), ["a", "--b", "--c -", "--d e", "f"]);
    }
}

//! The words of a command, from the value of its expression.

use crate::value::Value;

/// The words; an error says what is wrong with the command.
pub fn words(command: &Value) -> Result<Vec<String>, String> {
    let Some(items) = command.as_array() else {
        return Err(format!("a command is an array of strings, not {}", command.type_name()));
    };
    let words: Vec<String> =
        items.iter().zip(1..).map(|(item, number)| word(item, number)).collect::<Result<_, _>>()?;
    match words.first() {
        None => Err("the command is empty".to_owned()),
        Some(program) if program.is_empty() => Err("the name of the program is empty".to_owned()),
        Some(_) => Ok(words),
    }
}

/// A string, or what has one plain form as text.
fn word(item: &Value, number: usize) -> Result<String, String> {
    match item {
        Value::String(_) | Value::Char(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) => {
            let word = item.to_string();
            if word.contains('\0') {
                Err(format!("word {number} of the command has a NUL in it"))
            } else {
                Ok(word)
            }
        }
        other => Err(format!("word {number} of the command must be a string, not {}", other.type_name())),
    }
}

/// What a program is called: without the folders.
#[must_use]
pub fn name(words: &[String]) -> String {
    let path = words.first().map_or("", String::as_str);
    path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_values_are_words() {
        let command = [Value::string("head"), Value::string("-n"), Value::Int(3), Value::Bool(true)];
        assert_eq!(words(&Value::array(command.to_vec())).unwrap(), ["head", "-n", "3", "true"]);
    }

    #[test]
    fn others_are_errors() {
        let error = |items: &[Value]| words(&Value::array(items.to_vec())).unwrap_err();
        assert_eq!(error(&[]), "the command is empty");
        assert_eq!(error(&[Value::string("")]), "the name of the program is empty");
        assert_eq!(
            error(&[Value::string("a"), Value::Unit]),
            "word 2 of the command must be a string, not ()"
        );
        assert_eq!(error(&[Value::string("a\0")]), "word 1 of the command has a NUL in it");
        assert_eq!(words(&Value::Int(1)).unwrap_err(), "a command is an array of strings, not int");
    }

    #[test]
    fn a_program_is_called_by_its_last_name() {
        assert_eq!(name(&["/usr/bin/sort".to_owned()]), "sort");
        assert_eq!(name(&["a/".to_owned()]), "a/");
    }
}

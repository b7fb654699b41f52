//! What kind of network a description says the model is: its layers by class, and what goes in and comes out.
//!
//! The description may be long and may hold anything: it is walked once, and nothing is kept of it but counts and a few words. Where it is not what Keras
//! writes, less is known, and that is all; whether it can be read at all, the walk for code says.

use std::io::{BufReader, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::architecture::{Architecture, Dimension, MAX_PORTS, Operators, Port, Quantization};
use crate::contents::short;

/// Most dimensions of an input that are kept.
const MAX_RANK: usize = 64;

/// Names of element types in Keras, and tokens.
const TYPES: [(&str, &str); 14] = [
    ("float16", "F16"),
    ("float32", "F32"),
    ("float64", "F64"),
    ("bfloat16", "BF16"),
    ("int8", "I8"),
    ("int16", "I16"),
    ("int32", "I32"),
    ("int64", "I64"),
    ("uint8", "U8"),
    ("uint16", "U16"),
    ("uint32", "U32"),
    ("uint64", "U64"),
    ("bool", "BOOL"),
    ("complex64", "C64"),
];

/// Returns the summary of a description; `None` when it says nothing of layers.
pub(super) fn summarise(reader: impl Read) -> Option<Architecture> {
    let mut summary = Summary::default();
    let mut facts = Facts::default();
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(reader));
    let walk = Walk { place: Place::Layer(0), facts: &mut facts, summary: &mut summary };
    walk.deserialize(&mut json).ok()?;
    summary.finish()
}

/// What was seen of all layers so far.
#[derive(Default)]
struct Summary {
    name: Option<String>,
    layers: Operators,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    mode: Option<String>,
}

/// What was seen of one layer, or of the model, which is described like one.
#[derive(Default)]
struct Facts {
    class: Option<String>,
    name: Option<String>,
    dtype: Option<String>,
    shape: Option<Vec<Dimension>>,
    /// Names of the layers that give the model's outputs.
    outputs: Vec<String>,
    /// How its weights were made smaller.
    mode: Option<String>,
    /// Whether it is made of layers.
    is_model: bool,
}

/// Where in a description a value stands. Layers say how many models they are inside.
#[derive(Clone, Copy)]
enum Place {
    Layer(u32),
    Config(u32),
    Layers(u32),
    Class,
    Name,
    Shape,
    Dimension,
    Outputs,
    /// The type, or a policy that gives one.
    Dtype,
    Policy,
    Mode,
}

impl Summary {
    fn layer(&mut self, facts: Facts, depth: u32) {
        self.mode = self.mode.take().or(facts.mode);
        if depth == 0 {
            self.name = facts.class;
            self.outputs = facts.outputs.iter().map(|name| Port::named(name)).collect();
            return;
        }
        match facts.class.as_deref() {
            Some("InputLayer") if depth == 1 && self.inputs.len() < MAX_PORTS => {
                let dtype =
                    facts.dtype.map(|name| TYPES.iter().find(|(known, _)| *known == name).map_or(name, |(_, token)| (*token).to_owned()));
                self.inputs.push(Port { dtype, shape: facts.shape, ..Port::named(facts.name.as_deref().unwrap_or_default()) });
            }
            Some("InputLayer") => {}
            Some(class) if !facts.is_model => self.layers.count(class, 1),
            _ => {}
        }
    }

    fn finish(self) -> Option<Architecture> {
        let layers = self.layers.total();
        let architecture = Architecture {
            name: self.name,
            layers: Some(layers).filter(|layers| *layers > 0),
            quantization: self.mode.as_deref().map(quantization),
            operators: self.layers.into_counts(),
            inputs: self.inputs,
            outputs: self.outputs,
            ..Architecture::default()
        };
        architecture.stated()
    }
}

/// A mode of Keras: `int8`, `int4`, `float8`, or a method with its bits and the size of its groups, such as `gptq/4/128`.
fn quantization(mode: &str) -> Quantization {
    let mut parts = mode.split('/');
    let method = parts.next().unwrap_or_default();
    let number = |part: Option<&str>| part.and_then(|part| part.parse().ok());
    let own = method.strip_prefix("int").or_else(|| method.strip_prefix("float"));
    Quantization { method: method.to_owned(), bits: number(parts.next()).or_else(|| number(own)), group_size: number(parts.next()) }
}

/// Walks one value.
struct Walk<'s> {
    place: Place,
    facts: &'s mut Facts,
    summary: &'s mut Summary,
}

impl Walk<'_> {
    /// The walk of a value inside this one.
    const fn at(&mut self, place: Place) -> Walk<'_> {
        Walk { place, facts: self.facts, summary: self.summary }
    }

    /// Where the value of a key stands; `None` when it says nothing.
    fn place_of(&self, key: &str) -> Option<Place> {
        Some(match (self.place, key) {
            (Place::Layer(_), "class_name") => Place::Class,
            (Place::Layer(depth), "config") => Place::Config(depth),
            (Place::Config(_), "name") => Place::Name,
            (Place::Config(_), "batch_shape" | "batch_input_shape") => Place::Shape,
            (Place::Config(_), "dtype") => Place::Dtype,
            (Place::Config(_), "output_layers") => Place::Outputs,
            (Place::Config(depth), "layers") => Place::Layers(depth),
            (Place::Dtype, "config") => Place::Policy,
            (Place::Policy, "name") => Place::Dtype,
            (Place::Policy, "mode") => Place::Mode,
            (Place::Outputs, _) => Place::Outputs,
            _ => return None,
        })
    }

    fn dimension(self, dimension: Dimension) {
        if let (Place::Dimension, Some(shape)) = (self.place, &mut self.facts.shape)
            && shape.len() < MAX_RANK
        {
            shape.push(dimension);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.dimension(Dimension::Any);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.dimension(Dimension::Fixed(number));
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        let facts = self.facts;
        match self.place {
            Place::Class => facts.class = Some(short(text)),
            Place::Name => facts.name = Some(short(text)),
            Place::Dtype => facts.dtype = Some(short(text)),
            Place::Mode => facts.mode = Some(short(text)),
            Place::Outputs if facts.outputs.len() < MAX_PORTS => facts.outputs.push(short(text)),
            _ => {}
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let inner = match self.place {
            Place::Layers(depth) => Some(Place::Layer(depth + 1)),
            Place::Outputs => Some(Place::Outputs),
            Place::Shape => Some(Place::Dimension),
            _ => None,
        };
        match self.place {
            Place::Layers(_) => self.facts.is_model = true,
            Place::Shape => self.facts.shape = Some(Vec::new()),
            _ => {}
        }
        match inner {
            Some(place) => while list.next_element_seed(self.at(place))?.is_some() {},
            None => while list.next_element::<IgnoredAny>()?.is_some() {},
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let Place::Layer(depth) = self.place else { return self.entries(&mut map) };
        let mut facts = Facts::default();
        Walk { place: self.place, facts: &mut facts, summary: self.summary }.entries(&mut map)?;
        self.summary.layer(facts, depth);
        Ok(())
    }
}

impl Walk<'_> {
    fn entries<'de, A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match self.place_of(&key) {
                Some(place) => map.next_value_seed(self.at(place))?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]
    use super::*;

    fn of(json: &str) -> Option<Architecture> {
        summarise(json.as_bytes())
    }

    #[test]
    fn models_inside_models_are_counted_through() {
        let dense = r#"{"class_name": "Dense", "config": {"name": "d", "dtype": {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8"}}}}"#;
        let input = r#"{"config": {"batch_input_shape": [null, 2, -1], "dtype": "float16", "name": "i"}, "class_name": "InputLayer"}"#;
        let inner = format!(r#"{{"class_name": "Sequential", "config": {{"layers": [{input}, {dense}]}}}}"#);
        let model = format!(
            r#"{{"config": {{"layers": [{input}, {inner}, {dense}], "output_layers": [["a", 0, 0], ["b", 0, 0]]}}, "class_name": "Functional"}}"#
        );
        let read = of(&model).unwrap();
        assert_eq!(
            (read.name.as_deref(), read.layers, read.operators.get("Dense"), read.operators.len()),
            (Some("Functional"), Some(2), Some(&2), 1)
        );
        let shape = vec![Dimension::Any, Dimension::Fixed(2)];
        assert_eq!(read.inputs, [Port { dtype: Some("F16".to_owned()), shape: Some(shape), ..Port::named("i") }]);
        assert_eq!(read.outputs, [Port::named("a"), Port::named("b")]);
        assert_eq!(read.quantization.unwrap(), Quantization { method: "int8".to_owned(), bits: Some(8), group_size: None });
        assert_eq!(quantization("gptq/4/128"), Quantization { method: "gptq".to_owned(), bits: Some(4), group_size: Some(128) });
        assert_eq!(quantization("gptq/4/-1").group_size, None);
    }

    #[test]
    fn descriptions_of_anything_else_say_nothing() {
        for json in
            ["", "3", "[]", "{}", "[{\"class_name\": \"Dense\"}]", "{\"config\": [1, {}], \"class_name\": 3}", "{\"class_name\": \"A\""]
        {
            assert_eq!(of(json), None, "{json}");
        }
        let deep = format!("{}{}", r#"{"class_name":"A","config":{"layers":["#.repeat(10_000), "]}}".repeat(10_000));
        assert_eq!(of(&deep), None);
        let many = format!(r#"{{"class_name":"A","config":{{"batch_shape":[{}1]}}}}"#, "1,".repeat(100_000));
        assert_eq!(of(&many).unwrap().name.as_deref(), Some("A"));
    }
}

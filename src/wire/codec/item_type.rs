//! Types of items on the wire: a tag byte, then what the type is made of.

use crate::value::item_type::{Field, ItemType};
use bincode::de::Decoder;
use bincode::enc::Encoder;
use bincode::error::{DecodeError, EncodeError};
use bincode::{Decode, Encode};

const ANY: u8 = 0;
const INT: u8 = 1;
const FLOAT: u8 = 2;
const BOOL: u8 = 3;
const STRING: u8 = 4;
const BLOB: u8 = 5;
const MAP: u8 = 6;
const ARRAY_OF: u8 = 7;
const RECORD: u8 = 8;
const PRIORITISED: u8 = 9;

impl Encode for ItemType {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        match self {
            ItemType::Any => ANY.encode(encoder),
            ItemType::Int => INT.encode(encoder),
            ItemType::Float => FLOAT.encode(encoder),
            ItemType::Bool => BOOL.encode(encoder),
            ItemType::String => STRING.encode(encoder),
            ItemType::Blob => BLOB.encode(encoder),
            ItemType::Map => MAP.encode(encoder),
            ItemType::ArrayOf(inner) => {
                ARRAY_OF.encode(encoder)?;
                inner.encode(encoder)
            }
            ItemType::Record(fields) => {
                RECORD.encode(encoder)?;
                fields.encode(encoder)
            }
            ItemType::Prioritised(inner) => {
                PRIORITISED.encode(encoder)?;
                inner.encode(encoder)
            }
        }
    }
}

/// Only the supervisor sends types, of a script whose brackets have a greatest depth.
impl<Context> Decode<Context> for ItemType {
    fn decode<D: Decoder<Context = Context>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Ok(match u8::decode(decoder)? {
            ANY => ItemType::Any,
            INT => ItemType::Int,
            FLOAT => ItemType::Float,
            BOOL => ItemType::Bool,
            STRING => ItemType::String,
            BLOB => ItemType::Blob,
            MAP => ItemType::Map,
            ARRAY_OF => ItemType::ArrayOf(Box::decode(decoder)?),
            RECORD => ItemType::Record(Vec::decode(decoder)?),
            PRIORITISED => ItemType::Prioritised(Box::decode(decoder)?),
            _ => return Err(DecodeError::Other("a type has an unknown tag")),
        })
    }
}

bincode::impl_borrow_decode!(ItemType);
bincode::impl_borrow_decode!(Field);

impl Encode for Field {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        self.key.encode(encoder)?;
        self.item_type.encode(encoder)?;
        self.optional.encode(encoder)
    }
}

impl<Context> Decode<Context> for Field {
    fn decode<D: Decoder<Context = Context>>(decoder: &mut D) -> Result<Self, DecodeError> {
        Ok(Field {
            key: String::decode(decoder)?,
            item_type: ItemType::decode(decoder)?,
            optional: bool::decode(decoder)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{from_bytes, to_bytes};
    use super::*;

    #[test]
    fn a_type_comes_back_as_it_went() {
        let scalars = [ItemType::Int, ItemType::Float, ItemType::Bool, ItemType::String, ItemType::Blob];
        let field = |item_type: ItemType| Field { key: "k".to_owned(), item_type, optional: true };
        let record = ItemType::Record(scalars.into_iter().map(field).collect());
        for inner in [record, ItemType::Map, ItemType::Any] {
            let whole = ItemType::Prioritised(Box::new(ItemType::ArrayOf(Box::new(inner))));
            assert_eq!(from_bytes::<ItemType>(&to_bytes(&whole)), Ok(whole));
        }
    }
}

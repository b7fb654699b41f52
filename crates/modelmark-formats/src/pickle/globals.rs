//! The table of names: all that a pickle can refer to.

use crate::safetensors::Dtype;

/// A name from the table. A value of this type is a word, not a function: what a call of it means is written in the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Global {
    /// `collections.OrderedDict`.
    OrderedDict,
    /// `torch._utils._rebuild_tensor`, before torch 0.4.
    RebuildTensor,
    /// `torch._utils._rebuild_tensor_v2`.
    RebuildTensorV2,
    /// `torch._utils._rebuild_tensor_v3`, for types that have no storage class.
    RebuildTensorV3,
    /// `torch._utils._rebuild_parameter`.
    RebuildParameter,
    /// A storage class such as `torch.FloatStorage`.
    Storage(StorageKind),
    /// A type such as `torch.bfloat16`; `None` for types that safetensors has no word for.
    Dtype(Option<Dtype>),
    /// `torch.Size`.
    Size,
    /// `torch.device`.
    Device,
    /// `_codecs.encode`, how protocol 2 writes bytes.
    Encode,
    /// `bytes`, how protocol 2 writes empty bytes.
    Bytes,
    /// `set` or `frozenset`, how protocol 2 writes them.
    Set,
    /// A name outside the table; only [`inspect`](super::inspect) gives it, which learns nothing from it.
    Foreign,
}

/// What a storage class holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageKind {
    /// Bytes, whose type the tensor knows.
    Untyped,
    /// Elements of one type.
    Typed(Dtype),
    /// 128-bit complex numbers, which safetensors has no word for.
    Complex128,
}

impl StorageKind {
    /// Returns the size of an element in bytes.
    #[must_use]
    pub const fn element_bytes(self) -> u64 {
        match self {
            Self::Untyped => 1,
            Self::Typed(dtype) => dtype.bits() / 8,
            Self::Complex128 => 16,
        }
    }
}

/// Returns what a name means; `None` for a name that is not in the table.
pub(super) fn find(module: &str, name: &str) -> Option<Global> {
    Some(match (module, name) {
        ("collections", "OrderedDict") => Global::OrderedDict,
        ("_codecs", "encode") => Global::Encode,
        ("__builtin__" | "builtins", "bytes") => Global::Bytes,
        ("__builtin__" | "builtins", "set" | "frozenset") => Global::Set,
        ("torch._utils", "_rebuild_tensor") => Global::RebuildTensor,
        ("torch._utils", "_rebuild_tensor_v2") => Global::RebuildTensorV2,
        ("torch._utils", "_rebuild_tensor_v3") => Global::RebuildTensorV3,
        ("torch._utils", "_rebuild_parameter") => Global::RebuildParameter,
        ("torch", "Size") => Global::Size,
        ("torch", "device") => Global::Device,
        ("torch" | "torch.storage", "UntypedStorage") => Global::Storage(StorageKind::Untyped),
        ("torch" | "torch.cuda", _) if let Some(kind) = storage(name) => Global::Storage(kind),
        ("torch", _) => Global::Dtype(dtype(name)?),
        _ => return None,
    })
}

fn storage(name: &str) -> Option<StorageKind> {
    Some(StorageKind::Typed(match name {
        "FloatStorage" => Dtype::F32,
        "DoubleStorage" => Dtype::F64,
        "HalfStorage" => Dtype::F16,
        "BFloat16Storage" => Dtype::BF16,
        "LongStorage" => Dtype::I64,
        "IntStorage" => Dtype::I32,
        "ShortStorage" => Dtype::I16,
        "CharStorage" => Dtype::I8,
        "ByteStorage" => Dtype::U8,
        "BoolStorage" => Dtype::BOOL,
        "ComplexFloatStorage" => Dtype::C64,
        "ComplexDoubleStorage" => return Some(StorageKind::Complex128),
        _ => return None,
    }))
}

fn dtype(name: &str) -> Option<Option<Dtype>> {
    Some(Some(match name {
        "float32" => Dtype::F32,
        "float64" => Dtype::F64,
        "float16" => Dtype::F16,
        "bfloat16" => Dtype::BF16,
        "int64" => Dtype::I64,
        "int32" => Dtype::I32,
        "int16" => Dtype::I16,
        "int8" => Dtype::I8,
        "uint8" => Dtype::U8,
        "uint16" => Dtype::U16,
        "uint32" => Dtype::U32,
        "uint64" => Dtype::U64,
        "bool" => Dtype::BOOL,
        "complex64" => Dtype::C64,
        "float8_e4m3fn" => Dtype::F8_E4M3,
        "float8_e5m2" => Dtype::F8_E5M2,
        "float8_e4m3fnuz" => Dtype::F8_E4M3FNUZ,
        "float8_e5m2fnuz" => Dtype::F8_E5M2FNUZ,
        "float8_e8m0fnu" => Dtype::F8_E8M0,
        "complex32" | "complex128" | "quint8" | "qint8" | "qint32" | "float4_e2m1fn_x2" => return Some(None),
        _ => return None,
    }))
}

//! Array files of NumPy, `.npy`, as functors: mapped into memory read-only, so that nothing is read twice or copied.
//!
//! ```no_run
//! use pasha::Ix3;
//!
//! #[pasha::kernel]
//! fn mean(_worker_id: usize, _index: usize, frame: ndarray::ArrayView2<'_, f32>, #[out] mean: &mut f32) {
//!     *mean = frame.mean().unwrap_or(f32::NAN);
//! }
//!
//! let frames = pasha::npy::open::<f32, Ix3>("frames.npy")?;
//! let mut means = pasha::alloc().shape(frames.shape()[0]).build()?;
//! pasha::map(mean { mean: &mut means }, &frames)?;
//! # Ok::<(), pasha::Error>(())
//! ```
//!
//! Outputs can lie in such files, too: `ctx.alloc().shape(…).file("out.npy")`, see [`Builder::file`](crate::Builder::file).
//!
//! # Files that change
//!
//! A file that is shorter than its header says is refused when it is opened. While it is open, leave it alone: what is written to it meanwhile may or
//! may not be seen, and reading what has been cut off ends the process that reads by `SIGBUS`: a worker process, of which the map is an error with the
//! index it was at, or, in a serial or thread context, the program. To replace a file under a running program, write another
//! one and rename it: who has the old one open goes on reading that.

use std::fmt;
use std::fs::File;
use std::marker::PhantomData;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

use ndarray::{ArrayView, Axis, Dimension, Order, ShapeBuilder};

use crate::array::{Element, Like};
use crate::error::{Error, ErrorKind, Result};
use crate::functor::{AxisFunctor, AxisItem, Functor, Item, Items};
use crate::sys::mapped::Mapped;

/// Opens an array file.
///
/// # Errors
///
/// - If it cannot be opened, is no `.npy` file, or is shorter than it says.
/// - If it holds another type or another number of axes: the error names both.
/// - If it holds numbers of the other byte order, or records, objects or strings.
pub fn open<T: Number, D: Dimension>(path: impl AsRef<Path>) -> Result<NpyFile<T, D>> {
    let path = path.as_ref();
    let refuse = |reason: String| Error::functor(format!("{}: {reason}", path.display()));
    let file = File::open(path).map_err(|error| refuse(format!("the file cannot be opened: {error}")))?;
    let mapped = Mapped::new(&file).map_err(|error| refuse(format!("the file cannot be mapped: {error}")))?;
    let header = Header::parse(mapped.bytes()).map_err(refuse)?;
    let axes = header.shape.len();
    if header.descr != T::DESCR || D::NDIM.is_some_and(|wanted| wanted != axes) {
        let wanted = D::NDIM.map_or(String::new(), |wanted| format!(" with {wanted}"));
        let ax = if axes == 1 { "axis" } else { "axes" };
        let message = format!("{} holds {} with {axes} {ax}, not {}{wanted}", path.display(), header.descr, T::DESCR);
        return Err(Error::new(ErrorKind::Argument, message));
    }
    let elements = header.shape.iter().try_fold(1_usize, |elements, &len| elements.checked_mul(len));
    let bytes = elements.and_then(|elements| elements.checked_mul(size_of::<T>()));
    let there = mapped.bytes().len() - header.data;
    match bytes {
        Some(bytes) if bytes <= there => {}
        _ => {
            let shape = header.shape;
            return Err(refuse(format!(
                "the file is cut off: {there} bytes cannot be an array of the shape {shape:?}"
            )));
        }
    }
    let data = &mapped.bytes()[header.data..header.data + bytes.unwrap_or_default()];
    if bytemuck::try_cast_slice::<u8, T>(data).is_err() {
        return Err(refuse(format!(
            "the array begins at byte {}, where no {} can; save it again",
            header.data,
            T::DESCR
        )));
    }
    let mut dim = D::zeros(axes);
    dim.slice_mut().copy_from_slice(&header.shape);
    let order = if header.fortran { Order::ColumnMajor } else { Order::RowMajor };
    Ok(NpyFile { path: path.to_owned(), mapped, data: header.data, dim, order, elements: PhantomData })
}

/// An array that lies in a file: what [`open`] gives. A functor over its first axis.
pub struct NpyFile<T, D> {
    path: PathBuf,
    mapped: Mapped,
    /// Where the array begins.
    data: usize,
    dim: D,
    order: Order,
    elements: PhantomData<fn() -> T>,
}

/// A number that an array file can hold: the integers of 8 to 64 bits, `f32` and `f64`.
pub trait Number: Element + sealed::Sealed {}

mod sealed {
    pub trait Sealed {
        /// As NumPy calls it.
        const DESCR: &'static str;
    }
}

macro_rules! numbers {
    ($($type:ty, $descr:literal);*) => {
        $(
            impl Number for $type {}

            impl sealed::Sealed for $type {
                const DESCR: &'static str = $descr;
            }
        )*
    };
}

numbers!(u8, "u1"; u16, "u2"; u32, "u4"; u64, "u8"; i8, "i1"; i16, "i2"; i32, "i4"; i64, "i8"; f32, "f4"; f64, "f8");

impl<T: Number, D: Dimension> NpyFile<T, D> {
    /// The array.
    pub fn view(&self) -> ArrayView<'_, T, D> {
        let bytes = self.dim.size() * size_of::<T>();
        let elements = bytemuck::cast_slice(&self.mapped.bytes()[self.data..self.data + bytes]);
        let shape = self.dim.clone().set_f(self.order == Order::ColumnMajor);
        ArrayView::from_shape(shape, elements).expect("`open` has found that the elements are those of the shape")
    }

    /// The length of each axis.
    pub fn shape(&self) -> &[usize] {
        self.dim.slice()
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl<'a, T: Number, D: AxisItem> Items<'a> for NpyFile<T, D> {
    type Item = D::Item<'a, T>;
}

impl<T: Number, D: AxisItem> Functor for NpyFile<T, D> {
    type State = ();

    fn items(&self) -> Result<usize> {
        self.view().items_along(0)
    }

    fn state(&self) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn item<'a>(&'a self, (): &'a mut (), index: usize) -> Result<Item<'a, Self>> {
        let items = self.items()?;
        if index >= items {
            return Err(Error::functor(format!("there is no item {index} in {} with {items}", self.path.display())));
        }
        Ok(D::item(self.view().index_axis_move(Axis(0), index)))
    }

    #[inline]
    fn visit(
        &self,
        (): &mut (),
        share: Range<usize>,
        each: impl for<'a> FnMut(Item<'a, Self>) -> ControlFlow<()>,
    ) -> Result<()> {
        self.view().visit_along(0, share, each)
    }
}

impl<T: Number, D: Dimension> Like for NpyFile<T, D> {
    type Elem = T;
    type Dim = D;

    fn dim(&self) -> D {
        self.dim.clone()
    }

    fn order(&self) -> Option<Order> {
        Some(self.order)
    }
}

impl<T: Number, D: Dimension> fmt::Debug for NpyFile<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NpyFile")
            .field("path", &self.path)
            .field("type", &T::DESCR)
            .field("shape", &self.shape())
            .finish()
    }
}

/// What NumPy calls a type on this machine.
pub(crate) fn descr<T: Number>() -> &'static str {
    T::DESCR
}

/// What stands before an array in a file. Its length is a multiple of 128, so that the array is aligned as those in memory are.
pub(crate) fn header(descr: &str, fortran: bool, shape: &[usize]) -> Vec<u8> {
    const BEFORE: usize = 10;
    let order = match descr {
        "u1" | "i1" => '|',
        _ if cfg!(target_endian = "little") => '<',
        _ => '>',
    };
    let lens: String = shape.iter().map(|len| format!("{len}, ")).collect();
    let fortran = if fortran { "True" } else { "False" };
    let text = format!("{{'descr': '{order}{descr}', 'fortran_order': {fortran}, 'shape': ({lens}), }}");
    let len = (BEFORE + text.len() + 1).next_multiple_of(128) - BEFORE;
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    // A shape of many axes is still far below 64 KiB.
    header.extend((len as u16).to_le_bytes());
    header.extend(format!("{text:<width$}\n", width = len - 1).bytes());
    header
}

/// What stands before the data.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    /// The type without its byte order, which is that of this machine.
    descr: String,
    fortran: bool,
    shape: Vec<usize>,
    data: usize,
}

impl Header {
    fn parse(file: &[u8]) -> Result<Self, String> {
        let Some((b"\x93NUMPY", [major, _, rest @ ..])) = file.split_at_checked(6) else {
            return Err("this is no `.npy` file".to_owned());
        };
        let cut_off = || "the file is cut off within its header".to_owned();
        let (len, text) = match major {
            1 => rest.split_first_chunk().map(|(len, text)| (usize::from(u16::from_le_bytes(*len)), text)),
            2 | 3 => rest.split_first_chunk().map(|(len, text)| (u32::from_le_bytes(*len) as usize, text)),
            _ => return Err(format!("this is version {major} of the format; 1 to 3 are read")),
        }
        .ok_or_else(cut_off)?;
        let data = file.len() - text.len() + len;
        let text = text.get(..len).ok_or_else(cut_off)?;
        let text = str::from_utf8(text).map_err(|_| "the header is not text: the file is damaged".to_owned())?;
        Literal(text).header(data).ok_or_else(|| format!("the header {text:?} is not understood"))?
    }
}

/// The rest of a dictionary, as Python writes it.
struct Literal<'t>(&'t str);

impl<'t> Literal<'t> {
    fn header(&mut self, data: usize) -> Option<Result<Header, String>> {
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        self.symbol('{')?;
        while !self.next_is('}') {
            let key = self.string()?;
            self.symbol(':')?;
            match key {
                "descr" if self.next_is('[') => return Some(Err("it holds records, which are not read".to_owned())),
                "descr" => descr = Some(self.string()?),
                "fortran_order" => fortran = Some(self.boolean()?),
                "shape" => shape = Some(self.tuple()?),
                _ => return None,
            }
            if !self.next_is('}') {
                self.symbol(',')?;
            }
        }
        let descr = match descr?.split_at_checked(1)? {
            ("<", descr) if cfg!(target_endian = "little") => descr,
            (">", descr) if cfg!(target_endian = "big") => descr,
            ("|" | "=", descr) => descr,
            ("<" | ">", descr) => {
                let order = if cfg!(target_endian = "little") { '<' } else { '>' };
                let advice = format!("save it as `array.astype({:?})`", format!("{order}{descr}"));
                return Some(Err(format!("it holds {descr} of the other byte order; {advice}")));
            }
            _ => return None,
        };
        Some(Ok(Header { descr: descr.to_owned(), fortran: fortran?, shape: shape?, data }))
    }

    fn next_is(&mut self, symbol: char) -> bool {
        self.0 = self.0.trim_start();
        self.0.starts_with(symbol)
    }

    fn symbol(&mut self, symbol: char) -> Option<()> {
        self.0 = self.0.trim_start().strip_prefix(symbol)?;
        Some(())
    }

    fn string(&mut self) -> Option<&'t str> {
        self.0 = self.0.trim_start();
        let quote = self.0.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        let (string, rest) = self.0[1..].split_once(quote)?;
        self.0 = rest;
        Some(string)
    }

    fn boolean(&mut self) -> Option<bool> {
        self.0 = self.0.trim_start();
        let (rest, value) = match self.0.strip_prefix("True") {
            Some(rest) => (rest, true),
            None => (self.0.strip_prefix("False")?, false),
        };
        self.0 = rest;
        Some(value)
    }

    fn tuple(&mut self) -> Option<Vec<usize>> {
        let mut lens = Vec::new();
        self.symbol('(')?;
        while !self.next_is(')') {
            let digits = self.0.find(|letter: char| !letter.is_ascii_digit())?;
            lens.push(self.0[..digits].parse().ok()?);
            // Files of Python 2 have long numbers.
            self.0 = self.0[digits..].strip_prefix('L').unwrap_or(&self.0[digits..]);
            if !self.next_is(')') {
                self.symbol(',')?;
            }
        }
        self.symbol(')')?;
        Some(lens)
    }
}

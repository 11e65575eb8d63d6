//! Sizes of arrays that can and cannot exist.

use super::bytes_of;

#[test]
fn bytes_are_the_product_of_lengths_and_element() {
    assert_eq!(bytes_of::<u16>(&[3, 5]).ok(), Some(30));
    assert_eq!(bytes_of::<f64>(&[]).ok(), Some(8));
    assert_eq!(bytes_of::<f64>(&[7, 0, 2]).ok(), Some(0));
    assert_eq!(bytes_of::<()>(&[7, 2]).ok(), Some(0));
}

#[test]
fn more_than_the_address_space_is_refused_whatever_the_element() {
    for shape in [&[usize::MAX][..], &[1 << 40, 1 << 40], &[usize::MAX / 2 + 1, 1], &[0, usize::MAX, 2]] {
        assert!(bytes_of::<u8>(shape).is_err(), "{shape:?}");
        assert!(bytes_of::<()>(shape).is_err(), "{shape:?}");
    }
    assert!(bytes_of::<u64>(&[1 << 60]).is_err());
}

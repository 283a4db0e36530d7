//! ECDSA on the curve P-521, on which Terraform makes its certificate, and which ring cannot verify.

use p521::ecdsa::signature::Verifier;
use p521::ecdsa::{Signature, VerifyingKey};
use rustls::SignatureScheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};

/// TLS's name of it.
pub(crate) const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP521_SHA512;

/// It alone, as rustls takes algorithms.
pub(crate) const ALGORITHMS: WebPkiSupportedAlgorithms =
    WebPkiSupportedAlgorithms { all: &[&EcdsaP521], mapping: &[(SCHEME, &[&EcdsaP521])] };

/// Verifies with SHA-512.
#[derive(Debug)]
struct EcdsaP521;

impl SignatureVerificationAlgorithm for EcdsaP521 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = Signature::from_der(signature).map_err(|_| InvalidSignature)?;
        key.verify(message, &signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA512
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p521::ecdsa::SigningKey;
    use p521::ecdsa::signature::Signer;

    #[test]
    fn a_signature_is_of_one_message_by_one_key() {
        let key = |byte: u8| SigningKey::from_slice(&[&[0][..], &[byte; 65][..]].concat()).unwrap();
        let (ours, theirs) = (key(1), key(2));
        let public = |key: &SigningKey| key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        let signed: Signature = ours.sign(b"message");
        let signature = signed.to_der().as_bytes().to_vec();
        let mut damaged = signature.clone();
        damaged[20] ^= 1;
        type Case<'a> = (&'a str, &'a [u8], &'a [u8], &'a [u8], bool);
        let (ours_public, theirs_public) = (public(&ours), public(&theirs));
        let cases: [Case<'_>; 6] = [
            ("as it was signed", &ours_public, b"message", &signature, true),
            ("another message", &ours_public, b"massage", &signature, false),
            ("another key", &theirs_public, b"message", &signature, false),
            ("a damaged signature", &ours_public, b"message", &damaged, false),
            ("no signature", &ours_public, b"message", b"", false),
            ("no key", &[4; 133], b"message", &signature, false),
        ];
        for (name, key, message, signature, valid) in cases {
            assert_eq!(EcdsaP521.verify_signature(key, message, signature).is_ok(), valid, "{name}");
        }
    }
}

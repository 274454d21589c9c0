"""Matters that outlive their batch: another regency's answer, a resident's document, a biometric recording."""

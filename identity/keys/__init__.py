"""What is kept from others: encrypted fields, keyed hashes, sealed links, the hash pool, limits, the session store."""

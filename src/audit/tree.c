/*
 * tree.c
 *		Merkle trees (RFC 6962 §2.1).
 */
#include "postgres.h"

#include "audit/tree.h"

#define PREFIX_LEAF		0
#define PREFIX_NODE		1

void
tree_leaf(char *octets, size_t length, uint8 digest[SHA256_BYTES])
{
	octets[0] = PREFIX_LEAF;
	sha256_bytes(octets, length, digest);
}

static void
node(const uint8 *left, const uint8 *right, uint8 digest[SHA256_BYTES])
{
	uint8		octets[1 + 2 * SHA256_BYTES];

	octets[0] = PREFIX_NODE;
	memcpy(octets + 1, left, SHA256_BYTES);
	memcpy(octets + 1 + SHA256_BYTES, right, SHA256_BYTES);
	sha256_bytes(octets, sizeof(octets), digest);
}

/* The largest power of two that is smaller than count, which is 2 at least. */
static int
left_of(int count)
{
	int			left = 1;

	while (left < count - left)
		left *= 2;
	return left;
}

void
tree_root(const uint8 *digests, size_t stride, int count, uint8 root[SHA256_BYTES])
{
	uint8		left[SHA256_BYTES];
	uint8		right[SHA256_BYTES];
	int			half;

	if (count == 0)
	{
		sha256_bytes("", 0, root);
		return;
	}
	if (count == 1)
	{
		memcpy(root, digests, SHA256_BYTES);
		return;
	}
	half = left_of(count);
	tree_root(digests, stride, half, left);
	tree_root(digests + half * stride, stride, count - half, right);
	node(left, right, root);
}

int
tree_path(const uint8 *digests, size_t stride, int count, int place, uint8 (*out)[SHA256_BYTES])
{
	int			half;
	int			length;

	if (count <= 1)
		return 0;
	half = left_of(count);
	if (place < half)
	{
		length = tree_path(digests, stride, half, place, out);
		tree_root(digests + half * stride, stride, count - half, out[length]);
	}
	else
	{
		length = tree_path(digests + half * stride, stride, count - half, place - half, out);
		tree_root(digests, stride, half, out[length]);
	}
	return length + 1;
}

"""The replica tables: the few columns of other contexts that the catalogue's answers contain."""

from django.db import models


class UserName(models.Model):
    """What customers may read of a user who wrote a review; the key is the user's id."""

    user_id = models.BigIntegerField(primary_key=True)
    public_name = models.CharField(max_length=84)

    class Meta:
        db_table = "replica_user_name"

    def __str__(self) -> str:
        return self.public_name


class UnitsSold(models.Model):
    """How many pieces of a product were ordered; the key is the product's id."""

    product_id = models.BigIntegerField(primary_key=True)
    units = models.BigIntegerField()

    class Meta:
        db_table = "replica_units_sold"

    def __str__(self) -> str:
        return f"{self.units} of {self.product_id}"

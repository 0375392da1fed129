<?xml version="1.0" encoding="UTF-8"?>
<!-- The archive's front page, from the tree that archive/index.c builds: year, month, then week (a digest) or gap (none). -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>
<xsl:param name="css"/>

<xsl:template match="/archive">
<html lang="{@lang}">
<head><meta name="viewport" content="width=device-width,initial-scale=1"/>
<title><xsl:value-of select="concat(@title, ': all weeks')"/></title>
<meta name="color-scheme" content="light dark"/><meta name="robots" content="noindex"/><meta name="generator" content="{@generator}"/>
<link rel="alternate" type="application/atom+xml" title="{@title}" href="feed.xml"/>
<style><xsl:value-of select="$css"/></style></head>
<body><a class="skip" href="#main">Skip to main content</a>
<div class="wrap"><header class="mast"><p class="kick"><span>Weekly engineering digest</span><span><a href="feed.xml">Atom feed</a></span></p>
<h1><xsl:value-of select="concat(@title, ': all weeks')"/></h1>
<p class="week"><xsl:choose>
<xsl:when test="@weeks = 0">No digest has been made yet.</xsl:when>
<xsl:when test="@weeks = 1">One week, <xsl:value-of select="@timezone"/></xsl:when>
<xsl:otherwise><xsl:value-of select="@weeks"/> weeks, newest first, <xsl:value-of select="@timezone"/></xsl:otherwise></xsl:choose></p>
<xsl:if test="@weeks &gt; 4"><nav class="cal" aria-label="Weeks"><xsl:for-each select="year"><div><h2 id="cal-{@name}"><xsl:value-of select="@name"/></h2>
<ol aria-labelledby="cal-{@name}"><xsl:for-each select="month/week | month/gap"><xsl:sort select="@name"/><li><xsl:choose>
<xsl:when test="self::week"><a href="#{concat('w', @name)}" aria-label="Week {@number} of {substring-before(@name, '-')}"><xsl:if test="status"><xsl:attribute name="class">part</xsl:attribute><xsl:attribute name="aria-label"><xsl:value-of select="concat('Week ', @number, ' of ', substring-before(@name, '-'), ', not everything collected')"/></xsl:attribute></xsl:if><xsl:value-of select="@number"/></a></xsl:when>
<xsl:otherwise><span class="none"><span class="vh">No digest for week </span><xsl:value-of select="@number"/></span></xsl:otherwise></xsl:choose></li></xsl:for-each></ol></div></xsl:for-each>
<xsl:if test="year/month/gap or year/month/week/status"><p class="key"><xsl:if test="year/month/week/status"><span class="part">46</span> not everything was collected </xsl:if><xsl:if test="year/month/gap"><span class="none">46</span> no digest</xsl:if></p></xsl:if></nav></xsl:if></header>
<main id="main"><xsl:apply-templates select="year/month"/></main>
<footer><p><xsl:value-of select="@generator"/></p></footer></div></body></html>
</xsl:template>

<xsl:template match="month"><xsl:text>
</xsl:text><xsl:variable name="id" select="concat('m-', ../@name, '-', count(preceding-sibling::month))"/><section aria-labelledby="{$id}"><h2 id="{$id}"><xsl:value-of select="@name"/></h2><xsl:apply-templates select="week | gap"/></section>
</xsl:template>

<xsl:template match="gap"><p class="gap">Week <xsl:value-of select="@number"/>: no digest was made.</p></xsl:template>

<xsl:template match="week"><article class="wk" id="{concat('w', @name)}" aria-labelledby="{concat('h', @name)}">
<h3 id="{concat('h', @name)}"><xsl:choose><xsl:when test="audience[1]/file"><a href="{audience[1]/file[1]/@href}">Week <xsl:value-of select="@number"/></a></xsl:when><xsl:otherwise>Week <xsl:value-of select="@number"/></xsl:otherwise></xsl:choose><xsl:if test="@dates != ''"><xsl:text> </xsl:text><span class="when"><xsl:value-of select="@dates"/></span></xsl:if></h3>
<p class="say"><xsl:value-of select="verdict"/></p>
<xsl:if test="number"><dl class="six"><xsl:for-each select="number"><div><dt><xsl:value-of select="@label"/></dt><dd><b><xsl:value-of select="@value"/></b><xsl:if test="@tag"><xsl:text> </xsl:text><span class="tag {@tone}"><xsl:value-of select="@tag"/></span></xsl:if></dd></div></xsl:for-each></dl></xsl:if>
<xsl:if test="status"><ul class="cov" aria-label="What was not collected in full"><xsl:for-each select="status"><li><strong class="tag {@tone}"><xsl:value-of select="@word"/></strong><xsl:text> </xsl:text><xsl:value-of select="."/></li><xsl:text> </xsl:text></xsl:for-each></ul></xsl:if>
<xsl:for-each select="audience"><p class="files"><xsl:if test="count(../audience) &gt; 1"><span><xsl:value-of select="@name"/>: </span></xsl:if><xsl:for-each select="file"><xsl:if test="position() &gt; 1"> · </xsl:if><a href="{@href}" aria-label="{@full}"><xsl:value-of select="@label"/></a></xsl:for-each><xsl:if test="not(file)">nothing could be rendered</xsl:if></p></xsl:for-each></article>
</xsl:template>
</xsl:stylesheet>
